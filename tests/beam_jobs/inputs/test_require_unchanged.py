"""A source must be the one that was planned."""

import os
from pathlib import Path

import pytest

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.inputs.require_unchanged import checked_meanwhile, require_unchanged


def test_only_the_file_that_was_planned_passes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("four")
    size, version = storage.state(str(path))
    assert size == 4
    require_unchanged(str(path), size, version)
    require_unchanged(str(path), size, "")
    require_unchanged(str(path), -1, "another")
    os.utime(path, ns=(0, 1))
    with pytest.raises(UserError, match=r"a\.txt was written again.*the same command reads it anew"):
        require_unchanged(str(path), size, version)
    path.write_text("longer")
    with pytest.raises(UserError, match=r"a\.txt changed.*4 bytes, now it has 6.*empty --output"):
        require_unchanged(str(path), size, version)
    path.unlink()
    with pytest.raises(UserError, match=r"a\.txt vanished"):
        require_unchanged(str(path), size, version)


def test_a_store_is_asked_meanwhile_and_its_answer_is_raised_at_the_end(bucket):
    uri = f"{bucket}/meanwhile/a.txt"
    storage.write_atomically(uri, b"four")
    size, version = storage.state(uri)
    with checked_meanwhile() as check:
        check(uri, size, version)
        check(f"{bucket}/meanwhile/none", -1, "")
    reached = False
    with pytest.raises(UserError, match="it had 5 bytes, now it has 4"), checked_meanwhile() as check:  # noqa: PT012
        check(uri, 5, version)
        check(uri, size, version)
        reached = True
    assert reached
    with pytest.raises(RuntimeError, match="of the body"), checked_meanwhile() as check:  # noqa: PT012
        check(uri, 5, version)
        raise RuntimeError("of the body")


def test_a_local_file_is_looked_at_at_once(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"four")
    with checked_meanwhile() as check, pytest.raises(UserError, match="it had 5 bytes, now it has 4"):
        check(str(tmp_path / "a.txt"), 5, "")
