"""Work is done once, however often it is called."""

from pathlib import Path

import pytest

from beam_jobs.transforms.finished import run_once


def test_the_row_is_kept_as_long_as_its_files_are(tmp_path: Path) -> None:
    calls = []

    def work() -> dict[str, object]:
        calls.append(1)
        (tmp_path / "a.txt").write_text("four")
        return {"name": "a.txt", "wrote": {"a.txt": 4}, "counts": {"å": [1, 2]}}

    row = run_once(str(tmp_path), "step", "item", work)
    assert run_once(str(tmp_path), "step", "item", work) == row
    assert len(calls) == 1
    (tmp_path / "a.txt").write_text("longer")
    assert run_once(str(tmp_path), "step", "item", work) == row
    assert len(calls) == 2
    (tmp_path / "a.txt").unlink()
    assert run_once(str(tmp_path), "step", "item", work) == row
    assert len(calls) == 3
    run_once(str(tmp_path), "step", "other item", work)
    assert len(calls) == 4


def test_work_that_fails_leaves_no_row(tmp_path: Path) -> None:
    def fails() -> dict[str, object]:
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        run_once(str(tmp_path), "step", "item", fails)
    assert run_once(str(tmp_path), "step", "item", lambda: {"done": True}) == {"done": True}
