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
from beam_jobs.errors import EnvironmentUserError, UserError
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


def attempt(element: Any, work: Callable[..., T], output: str, *arguments: Any) -> list[T]:
    """`[work(element, *arguments)]`; or `[]`, and a note in `output`, if it raises UserError. For `beam.FlatMap`.

    If it raises a transient error, it is called again, up to three times in all.
    """
    try:
        return [retried(lambda: work(element, *arguments))]
    except UserError as error:
        try:
            _note(output, error)
        except UserError:  # the note cannot be written, so the runner must carry the error; see `user_error_in`
            raise error from None
        return []


def attempt_if_whole(element: Any, work: Callable[..., T], output: str, *arguments: Any) -> list[T]:
    """As `attempt`, for a step that needs all items of the earlier steps: it does nothing if one of them has failed."""
    return [] if retried(lambda: _notes(output)) else attempt(element, work, output, *arguments)


def forget_failures(output: str) -> None:
    """Remove the notes of an earlier run, so that its failed items are tried again."""
    storage.remove_folder(storage.join(output, WORK_FOLDER, _FOLDER))


def raise_failures(output: str) -> None:
    """Raise the errors that the workers noted, as one UserError."""
    notes = [_read(output, name) for name in _notes(output)]
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


def _note(output: str, error: UserError) -> None:
    data = str(error).encode("utf-8", "backslashreplace")  # a path need not be UTF-8
    ending = _ENVIRONMENT if isinstance(error, EnvironmentUserError) else _CHANGE
    name = hashlib.sha256(data).hexdigest()[:16] + ending
    storage.write_atomically(storage.join(output, WORK_FOLDER, _FOLDER, name), data)


def _notes(output: str) -> list[str]:
    return [name for name in storage.list_folder(storage.join(output, WORK_FOLDER, _FOLDER)) if name.endswith(".txt")]


def _read(output: str, name: str) -> str:
    return storage.read_bytes(storage.join(output, WORK_FOLDER, _FOLDER, name)).decode()
