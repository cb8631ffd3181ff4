"""Work is done once, however often it is called."""

from pathlib import Path

import google_crc32c
import pytest

from beam_jobs.errors import EndedRunUserError
from beam_jobs.execution.run_once import content_hash, cpus_of, forget, row_path, run_once


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


def test_a_row_of_other_settings_is_not_used(tmp_path: Path) -> None:
    rows = iter([{"made": 1}, {"made": 2}])

    def made(run: str) -> object:
        return run_once(str(tmp_path), "step", "item", lambda: next(rows), "content", run=run)["made"]

    assert [made("seed 0"), made("seed 0"), made("seed 1")] == [1, 1, 2]


def test_a_worker_that_comes_back_after_the_end_leaves_nothing_in_the_work_folder(tmp_path: Path) -> None:
    def work() -> dict[str, object]:
        for name in ("_work/texts/a.txt", "_work/progress/step.item", "shard.txt", "corpus_stats.json"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("four")
        return {"wrote": {"_work/texts/a.txt": [4, ""], "shard.txt": [4, ""]}}

    with pytest.raises(EndedRunUserError, match=f"has finished --output {tmp_path}; the same command"):
        run_once(str(tmp_path), "step", "item", work)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus_stats.json", "shard.txt"]


def test_a_worker_that_fails_after_the_end_leaves_nothing_and_tells_why(tmp_path: Path) -> None:
    def work() -> dict[str, object]:
        (tmp_path / "_work/progress").mkdir(parents=True)
        (tmp_path / "_work/progress/step.item").touch()
        (tmp_path / "corpus_stats.json").touch()
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        run_once(str(tmp_path), "step", "item", work)
    assert not (tmp_path / "_work").exists()


def test_the_processors_of_the_machines_that_worked():
    rows = [{"ran_on": ["a", 4]}, {"ran_on": ["b", 8]}, {"ran_on": ["a", 4]}, {"of": "an older version"}]
    assert cpus_of(rows) == 12
    assert cpus_of([]) == 1
