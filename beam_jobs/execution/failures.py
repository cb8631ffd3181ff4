"""Carries a user's mistake from a worker to the driver as one line, on every runner.

If a worker raises an exception, the runner wraps it in its own, retries the work, and prints a traceback from every
worker. A `UserError` needs none of this, because it is final and not a defect. So it is written to the output folder,
the other items continue (a later run then has less to do), and the driver raises it when the pipeline has ended.

A transient error is tried again here, around one item, because local runners repeat nothing. All other exceptions, and
transient errors that stay, go to the runner.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Any, TypeVar

from beam_jobs import storage
from beam_jobs.errors import EndedRunUserError, EnvironmentUserError, UserError
from beam_jobs.execution.unfinished_run import is_finished
from beam_jobs.records import WORK_FOLDER
from beam_jobs.storage.retries import retried

_FOLDER = "failed"
_SHOWN = 3
_CHANGE, _ENVIRONMENT = (
    ".change.txt",
    ".environment.txt",
)  # mended by another command, or in the environment
_WRAPPED = re.compile(r"UserError: (.+?)(?: \[while running .*|\\n.*)?$", re.MULTILINE)
T = TypeVar("T")


def attempt(element: Any, work: Callable[..., T], output: str, *arguments: Any) -> list[T | None]:
    """`[work(element, *arguments)]`; or `[None]`, and a note in `output`, if it raises UserError. For `beam.FlatMap`.

    The None stands for the failed item in the later steps. If the work raises a transient error, it is called again, up
    to three times in all.
    """
    try:
        return [retried(lambda: work(element, *arguments))]
    except EndedRunUserError:  # it concerns nobody but this worker and its runner
        raise
    except UserError as error:
        try:
            note = _note(output, error)
        except UserError:  # the note cannot be written, so the runner must carry the error; see `user_error_in`
            raise error from None
        if is_finished(output):  # by another worker, while this one was given up
            storage.delete([note])
            storage.remove_empty_folders(storage.join(output, WORK_FOLDER))
            raise
        return [None]


def attempt_if_whole(element: Any, work: Callable[..., T], output: str, *arguments: Any) -> list[T]:
    """As `attempt`, for a step that needs all items of the earlier steps: it does nothing if one of them has failed.

    A failed item is noticed by the None in a list of rows, which `element` or one of `arguments` is. The notes alone
    would not do: a store may list them late, and another launch on another machine may have removed them.
    """
    if any(isinstance(rows, list) and any(row is None for row in rows) for rows in (element, *arguments)):
        return []
    if retried(lambda: _notes(output)):
        return []
    return [result for result in attempt(element, work, output, *arguments) if result is not None]


def forget_failures(output: str) -> None:
    """Remove the notes of an earlier run, so that its failed items are tried again."""
    storage.remove_folder(storage.join(output, WORK_FOLDER, _FOLDER))


def raise_failures(output: str) -> None:
    """Raise the errors that the workers noted, as one UserError."""
    notes = [text for name in _notes(output) if (text := _read(output, name))]
    if notes:
        more = f" (and {len(notes) - _SHOWN} more)" if len(notes) > _SHOWN else ""
        raise UserError("; ".join(notes[:_SHOWN]) + more)


def user_error_in(text: str) -> str | None:
    """The message of a UserError that a runner wrapped in its own exception, of which `text` is the text."""
    found = _WRAPPED.findall(text)
    return found[-1].strip() if found else None


def advice(output: str) -> str:
    """The error messages of the last run here that other settings or other input can mend."""
    return "; ".join(_read(output, name) for name in _notes(output) if name.endswith(_CHANGE))


def _note(output: str, error: UserError) -> str:
    """Write the message down. Returns the path of the file."""
    data = str(error).encode("utf-8", "backslashreplace")  # a path need not be UTF-8
    ending = _ENVIRONMENT if isinstance(error, EnvironmentUserError) else _CHANGE
    name = hashlib.sha256(data).hexdigest()[:16] + ending
    path = storage.join(output, WORK_FOLDER, _FOLDER, name)
    storage.write_atomically(path, data)
    return path


def _notes(output: str) -> list[str]:
    return [name for name in storage.list_folder(storage.join(output, WORK_FOLDER, _FOLDER)) if name.endswith(".txt")]


def _read(output: str, name: str) -> str:
    """The text of a note; empty if it has been removed but is still listed."""
    return (storage.read_if_there(storage.join(output, WORK_FOLDER, _FOLDER, name)) or b"").decode()
