"""Which entries of filtered/ are shown: chosen by a hash, few bytes read, more beginning with the same."""

from pathlib import Path

import pytest

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.inspection.filtered import entries
from beam_jobs.inspection.filtered.entries import filtered_files, pick_entries
from beam_jobs.records import Filtered


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files of a reason with 60 documents, one of another, and a file of something else."""
    (tmp_path / "filtered").mkdir()
    for name, first, last in (
        ("near_copy-00000-of-00002", 0, 40),
        ("near_copy-00001-of-00002", 40, 60),
        ("x-00000-of-00001", 0, 1),
    ):
        lines = [Filtered("a.jsonl", i, name[:9], id=f"æ{i}").to_json_line() + "\n" for i in range(first, last)]
        (tmp_path / "filtered" / f"{name}.jsonl").write_text("".join(lines))
    (tmp_path / "filtered" / "notes.txt").write_text("mine")
    return tmp_path


def test_files_by_reason(folder: Path) -> None:
    files = filtered_files(str(folder))
    assert {reason: len(found) for reason, found in files.items()} == {"near_copy": 2, "x": 1}
    assert all(Path(uri).stat().st_size == size for uri, size in files["near_copy"])
    assert filtered_files(str(folder / "filtered")) == {}


@pytest.mark.parametrize("whole", [True, False])
def test_entries_are_different_spread_and_the_same_each_time(folder: Path, monkeypatch, whole: bool) -> None:
    if not whole:
        monkeypatch.setattr(entries, "_READ_WHOLE", 10)
    files = filtered_files(str(folder))["near_copy"]
    chosen = pick_entries(files, 12, 42)
    offsets = [entry.offset for entry in chosen]
    assert len(set(offsets)) == 12
    assert min(offsets) < 30
    assert max(offsets) >= 40
    assert pick_entries(files, 5, 42) == chosen[:5]
    assert pick_entries(files, 5, 7) != chosen[:5]
    assert chosen[0].id == f"æ{offsets[0]}"
    assert pick_entries(files, 0, 42) == []


def test_all_entries_if_there_are_fewer(folder: Path) -> None:
    assert len(pick_entries(filtered_files(str(folder))["x"], 5, 42)) == 1


def test_a_file_of_something_else_is_an_error(folder: Path) -> None:
    (folder / "filtered/x-00000-of-00001.jsonl").write_text("[1]\n")
    with pytest.raises(UserError, match="holds something else than filtered documents"):
        pick_entries(filtered_files(str(folder))["x"], 5, 42)


def test_entries_in_stores(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [Filtered("a.jsonl", i, "language").to_json_line() + "\n" for i in range(30)]
    storage.write_atomically(f"{bucket}/shown/filtered/language-00000-of-00001.jsonl", "".join(lines).encode())
    files = filtered_files(f"{bucket}/shown")
    assert len(pick_entries(files["language"], 4, 42)) == 4
    monkeypatch.setattr(entries, "_READ_WHOLE", 10)
    assert len(pick_entries(files["language"], 4, 42)) == 4
