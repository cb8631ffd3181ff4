"""Carries a user's mistake from a worker to the driver as one line, on every runner.

A runner wraps what a worker raises in its own exceptions, retries it and prints its traceback from every worker. A
`UserError` is final and is no defect: it is written down in the output folder instead, the other items go on (a later
run has less to do), and the driver raises it when the pipeline has ended. All other exceptions go to the runner.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Any, TypeVar

from beam_jobs import storage
from beam_jobs.errors import EnvironmentUserError, UserError
from beam_jobs.records import WORK_FOLDER

_FOLDER = "failed"
_SHOWN = 3
_CHANGE, _ENVIRONMENT = ".change.txt", ".environment.txt"  # what it takes to mend a failure
_WRAPPED = re.compile(r"UserError: (.+?)(?: \[while running .*|\\n.*)?$", re.MULTILINE)
T = TypeVar("T")


def attempt(element: Any, work: Callable[..., T], output: str, *arguments: Any) -> list[T]:
    """`[work(element, *arguments)]`, or nothing and a note in `output` when it raises UserError: for `beam.FlatMap`."""
    try:
        return [work(element, *arguments)]
    except UserError as error:
        try:
            _note(output, error)
        except UserError:  # not even this can be written: the runner has to carry it, see `user_error_in`
            raise error from None
        return []


def attempt_if_whole(element: Any, work: Callable[..., T], output: str, *arguments: Any) -> list[T]:
    """As `attempt`, for a step that needs all items of the steps before: nothing when one of them has failed."""
    return [] if _notes(output) else attempt(element, work, output, *arguments)


def forget_failures(output: str) -> None:
    """Begin anew: what failed in an earlier run is tried again."""
    storage.remove_folder(storage.join(output, WORK_FOLDER, _FOLDER))


def raise_failures(output: str) -> None:
    """Raise what the workers noted, as one UserError."""
    notes = [_read(output, name) for name in _notes(output)]
    if notes:
        more = f" (and {len(notes) - _SHOWN} more)" if len(notes) > _SHOWN else ""
        raise UserError("; ".join(notes[:_SHOWN]) + more)


def user_error_in(text: str) -> str | None:
    """The message of the UserError that a runner has wrapped in an exception of its own, whose text this is."""
    found = _WRAPPED.findall(text)
    return found[-1].strip() if found else None


def advice(output: str) -> str:
    """What the run that has worked here last said when it failed for reasons that other settings or other input mend."""
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
