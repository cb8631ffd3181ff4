"""A user's mistake travels from a worker to the driver as one line."""

import errno
from pathlib import Path

import pytest

from beam_jobs import storage
from beam_jobs.errors import EndedRunUserError, UserError
from beam_jobs.execution.failures import attempt, attempt_if_whole, forget_failures, raise_failures, user_error_in
from beam_jobs.storage import retries


def _work(element: int, more: int) -> int:
    if element < 0:
        raise UserError(f"a{element}.txt is bad; mend it")
    return element + more


def test_what_works_comes_out_and_what_does_not_is_raised_at_the_end(tmp_path: Path) -> None:
    output = str(tmp_path)
    assert attempt(1, _work, output, 10) == [11]
    raise_failures(output)
    assert attempt_if_whole(2, _work, output, 10) == [12]
    assert attempt(-1, _work, output, 10) == [None]
    assert attempt(-1, _work, output, 10) == [None]  # a retry notes the same once
    assert attempt_if_whole(3, _work, output, 10) == []
    with pytest.raises(UserError, match=r"^a-1\.txt is bad; mend it$"):
        raise_failures(output)
    forget_failures(output)
    raise_failures(output)


def test_many_failures_are_one_line(tmp_path: Path) -> None:
    for element in range(-10, 0):
        attempt(element, _work, str(tmp_path), 0)
    with pytest.raises(UserError, match=r"mend it; .*mend it; .*mend it \(and 7 more\)$"):
        raise_failures(str(tmp_path))


def test_a_defect_of_ours_is_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        attempt("text", _work, str(tmp_path), 0)


def test_where_nothing_can_be_noted_the_runner_carries_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"a-1\.txt is bad"):
        attempt(-1, _work, str(tmp_path / "file"), 0)


def test_finding_a_user_error_in_what_a_runner_raises() -> None:
    text = "Traceback ...\nvocab.errors.UserError: a.txt is bad; mend it [while running 'write a shard']\n\nTraceback"
    assert user_error_in(text) == "a.txt is bad; mend it"
    assert user_error_in("ValueError: something else") is None


def test_an_item_that_meets_a_transient_error_is_done_again(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(retries, "_DELAY_S", 0.0)
    errors = [OSError(errno.EIO, "Input/output error"), OSError(errno.ECONNRESET, "Connection reset by peer")]

    def work(element: int) -> int:
        if errors:
            raise errors.pop(0)
        return element

    assert attempt(1, work, str(tmp_path)) == [1]
    assert len(capsys.readouterr().err.splitlines()) == 2
    errors += [OSError(errno.EIO, "Input/output error")] * retries.TRIES
    with pytest.raises(OSError, match="Input/output error"):  # it stays; the runner must know
        attempt(1, work, str(tmp_path))


def test_a_worker_that_fails_after_the_end_leaves_no_note(tmp_path: Path) -> None:
    (tmp_path / "corpus_stats.json").touch()
    with pytest.raises(UserError, match=r"a-1\.txt is bad"):
        attempt(-1, _work, str(tmp_path), 0)
    assert not (tmp_path / "_work").exists()


def test_the_end_of_a_run_is_no_failure_of_an_item(tmp_path: Path) -> None:
    def work(element: int) -> int:
        raise EndedRunUserError("finished")

    with pytest.raises(EndedRunUserError):
        attempt(1, work, str(tmp_path))
    raise_failures(str(tmp_path))


def test_a_failed_item_stops_the_later_steps_even_if_its_note_is_not_listed(tmp_path: Path) -> None:
    def add(rows: list[int], more: list[int]) -> list[int]:
        return rows + more

    output = str(tmp_path)
    failed = attempt(-1, _work, output, 10)
    forget_failures(output)  # as another launch does, on another machine
    assert attempt_if_whole([11, *failed], add, output, [1]) == []
    assert attempt_if_whole([11], add, output, failed) == []
    assert attempt_if_whole([11], add, output, [1]) == [[11, 1]]


def test_a_note_that_is_removed_but_still_listed_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt(-1, _work, str(tmp_path), 0)
    listed = storage.list_folder(str(tmp_path / "_work/failed"))
    forget_failures(str(tmp_path))
    monkeypatch.setattr(storage, "list_folder", lambda uri: listed)
    raise_failures(str(tmp_path))
