"""Work is done once, however often it is called."""

from pathlib import Path

import google_crc32c
import pytest

from beam_jobs.execution.run_once import content_hash, forget, row_path, run_once


def test_the_row_is_kept_as_long_as_its_files_are(tmp_path: Path) -> None:
    calls = []

    def work() -> dict[str, object]:
        calls.append(1)
        (tmp_path / "a.txt").write_text("four")
        crc32c = google_crc32c.Checksum(b"four").hexdigest().decode()
        return {"name": "a.txt", "wrote": {"a.txt": [4, crc32c]}, "counts": {"å": [1, 2]}}

    row = run_once(str(tmp_path), "step", "item", work)
    assert run_once(str(tmp_path), "step", "item", work) == row
    assert len(calls) == 1
    (tmp_path / "a.txt").write_text("longer")
    assert run_once(str(tmp_path), "step", "item", work) == row
    assert len(calls) == 2
    (tmp_path / "a.txt").unlink()
    assert run_once(str(tmp_path), "step", "item", work) == row
    assert len(calls) == 3
    (tmp_path / "a.txt").write_text("f0ur")
    assert run_once(str(tmp_path), "step", "item", work) == row
    assert len(calls) == 4
    run_once(str(tmp_path), "step", "other item", work)
    assert len(calls) == 5


def test_a_file_that_is_checked_when_it_is_read_must_still_have_its_size(tmp_path: Path) -> None:
    texts = iter(["four", "another"])

    def work() -> dict[str, object]:
        text = next(texts)
        (tmp_path / "a.txt").write_text(text)
        return {"text": text, "wrote": {"a.txt": [len(text), ""]}}

    run_once(str(tmp_path), "step", "item", work)
    (tmp_path / "a.txt").write_text("f0ur")
    assert run_once(str(tmp_path), "step", "item", work)["text"] == "four"
    (tmp_path / "a.txt").write_text("fou")
    assert run_once(str(tmp_path), "step", "item", work)["text"] == "another"


def test_a_row_made_from_other_content_is_out_of_date(tmp_path: Path) -> None:
    rows = iter([{"made": 1}, {"made": 2}, {"made": 3}])

    def made(made_from: str) -> object:
        return run_once(str(tmp_path), "step", "item", lambda: next(rows), made_from)["made"]

    first, second = content_hash("a.jsonl", 10), content_hash("a.jsonl", 11)
    assert [made(first), made(first), made(second), made(second)] == [1, 1, 2, 2]
    Path(row_path(str(tmp_path), "step", "item")).write_text('{"made')  # a damaged row says nothing
    assert made(second) == 3


def test_a_forgotten_item_is_done_again(tmp_path: Path) -> None:
    rows = iter([{"made": 1}, {"made": 2}])
    assert run_once(str(tmp_path), "step", "item", lambda: next(rows))["made"] == 1
    forget(str(tmp_path), "step", "item")
    forget(str(tmp_path), "step", "item")
    assert run_once(str(tmp_path), "step", "item", lambda: next(rows))["made"] == 2


def test_work_that_fails_leaves_no_row(tmp_path: Path) -> None:
    def fails() -> dict[str, object]:
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        run_once(str(tmp_path), "step", "item", fails)
    assert run_once(str(tmp_path), "step", "item", lambda: {"done": True})["done"]
