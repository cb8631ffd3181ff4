"""One process at a time trains into an output folder: `run.lock` there is locked, and says who holds it.

The lock is the operating system's, on an open file. It ends with its process, however that ends, on this machine and on
others that share the folder through NFS, so that a dead process never keeps a folder. The file stays. Where a file
system knows no locks, and in an object store, nothing is locked; two runs there still refuse each other's plans.
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
    """`output_lock`, held by the first host of a run for all; all hosts raise UserError when it does not get it."""
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
    """Hold an output folder, made if need be, for the block. Raises UserError, naming the holder, when it is taken."""
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
    """False where there are no locks; UserError when another process holds it."""
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
