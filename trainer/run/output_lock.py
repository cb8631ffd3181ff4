"""Lets only one process at a time train into an output folder. It locks `run.lock` there, which names the holder.

The lock is one of the operating system, on an open file. It ends with its process in any case, also if other machines
share the folder through NFS, so a dead process never blocks a folder. The file itself stays. Nothing is locked in an
object store, or if the file system has no locks; even there a run refuses the folder of another plan.
"""

import contextlib
import errno
import fcntl
import json
import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.storage.paths import is_remote

LOCK_NAME = "run.lock"
_HELD = {errno.EACCES, errno.EAGAIN}
_NO_LOCKS_HERE = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}


@contextlib.contextmanager
def only_run_in(
    output: str, warn: Callable[[str], None], *, primary: bool, any_host: Callable[[bool], bool]
) -> Iterator[None]:
    """`output_lock`, held by the first host of a run for all hosts.

    All of them raise UserError if it does not get it.
    """
    with contextlib.ExitStack() as held:
        problem: UserError | None = None
        if primary:
            try:
                held.enter_context(output_lock(output, warn))
            except UserError as error:
                problem = error
        if any_host(problem is not None):
            raise problem or UserError(f"{output}: the first host of this run cannot have it for itself")
        yield


@contextlib.contextmanager
def output_lock(output: str, warn: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock of an output folder, which is made if necessary, during the block.

    UserError names another holder.
    """
    if is_remote(output):
        yield
        return
    path = storage.local_path(output) / LOCK_NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise UserError(f"{output}: cannot be written to ({error.strerror or error}); name another --output") from error
    with file:
        if _lock(file, path):
            file.truncate(0)
            since = datetime.now(UTC).isoformat(timespec="seconds")
            file.write(json.dumps({"host": socket.gethostname(), "pid": os.getpid(), "since": since}) + "\n")
            file.flush()
        else:
            warn(f"{output}: its file system cannot lock {LOCK_NAME}; see that no other process trains into it")
        yield


def _lock(file: IO[str], path: Path) -> bool:
    """Lock the file. Returns False if there are no locks. Raises UserError if another process holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _NO_LOCKS_HERE:
            return False
        if error.errno not in _HELD:
            raise UserError(f"{path}: cannot be locked ({error.strerror or error}); name another --output") from error
        raise UserError(
            f"{path.parent}: {_holder(path)} trains into it; wait for it, stop it, or name another --output"
        ) from error
    return True


def _holder(path: Path) -> str:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return f"process {content['pid']} on {content['host']}, since {content['since']},"
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "another process"
