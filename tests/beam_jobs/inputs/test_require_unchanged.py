"""A source must be the one that was planned."""

import os
from pathlib import Path

import pytest

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.inputs.require_unchanged import require_unchanged


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
