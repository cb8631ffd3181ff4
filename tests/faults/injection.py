"""Puts faults between a job and the file system: every operation of the storage passes through one function.

The operations are those of `beam_jobs/storage/whole_files.py` on local files. A fault acts before the operation, except
`renamed`, where the file already has its new name, as if the answer of a file server had been lost.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from beam_jobs.execution import failures
from beam_jobs.storage import retries, whole_files

Act = Callable[[str, str], None]
"""Called with the kind of an operation and the path; it returns, raises, sleeps, forks or kills the process."""


class Ledger:
    """Counts faults in a file, because the process that meets one may not live on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch()

    def note(self, kind: str) -> None:
        """Count a fault."""
        with self._path.open("a") as file:
            file.write(f"{kind}\n")

    def count(self) -> int:
        """How many faults were counted."""
        return len(self._path.read_text().splitlines())


class _Stream:
    def __init__(self, stream: Any, act: Act, path: str) -> None:
        self._stream, self._act, self._path = stream, act, path

    def read(self, *size: int) -> bytes:
        self._act("read", self._path)
        return self._stream.read(*size)

    def write(self, data: Any) -> int:
        self._act("write", self._path)
        return self._stream.write(data)

    def __iter__(self) -> Iterator[bytes]:
        self._act("read", self._path)
        return iter(self._stream)

    def __enter__(self) -> "_Stream":
        return self

    def __exit__(self, *exception: object) -> None:
        self._stream.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def install(act: Act, folder: str) -> None:
    """Let `act` be called for every operation below `folder` in this process, except those of the progress display.

    There is no way back: call it in a process of its own.
    """

    def acting(kind: str, path: str) -> None:
        if path.startswith(folder) and "/progress/" not in path:
            act(kind, path)

    create, open_local, replace = whole_files._create, whole_files._open_local, Path.replace

    def faulty_create(uri: str) -> Any:
        acting("create", uri)
        return _Stream(create(uri), acting, uri)

    def faulty_open(uri: str, buffering: int) -> Any:
        acting("open", uri)
        return _Stream(open_local(uri, buffering), acting, uri)

    def faulty_replace(path: Path, target: Any) -> Path:
        acting("rename", str(target))
        result = replace(path, target)
        acting("renamed", str(target))
        return result

    whole_files._create, whole_files._open_local = faulty_create, faulty_open  # type: ignore[assignment]
    Path.replace = faulty_replace  # type: ignore[method-assign,assignment]
    retries._DELAY_S = 0.0


def at_a_rate(kinds: tuple[str, ...], rate: float, codes: tuple[int, ...], seed: int, ledger: Ledger) -> Act:
    """Raises an OSError with one of `codes` in a share `rate` of the operations of these kinds."""
    draw = random.Random(seed)

    def act(kind: str, path: str) -> None:
        if kind in kinds and draw.random() < rate:
            code = draw.choice(codes)
            ledger.note(kind)
            raise OSError(code, os.strerror(code), path)

    return act


def at_operation(number: int, kinds: tuple[str, ...], fault: Callable[[str], None], ledger: Ledger) -> Act:
    """Calls `fault` with the path at one operation, counted from 1 among those of these kinds."""
    left = number

    def act(kind: str, path: str) -> None:
        nonlocal left
        if kind in kinds:
            left -= 1
            if left == 0:
                ledger.note(kind)
                fault(path)

    return act


def kill(path: str) -> None:
    """End this process at once, as the system does if memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def raise_code(code: int) -> Callable[[str], None]:
    """A fault that raises an OSError."""

    def fault(path: str) -> None:
        raise OSError(code, os.strerror(code), path)

    return fault


def from_operation(number: int, kinds: tuple[str, ...], code: int, ledger: Ledger) -> Act:
    """Raises an OSError at every operation of these kinds from one on, counted from 1. It is one fault."""
    left = number

    def act(kind: str, path: str) -> None:
        nonlocal left
        if kind in kinds:
            left -= 1
            if left == 0:
                ledger.note(kind)
            if left <= 0:
                raise OSError(code, os.strerror(code), path)

    return act


def slow(seed: int, share: float, ledger: Ledger) -> Act:
    """Lets every operation take up to 20 ms, and a share of them stall for up to a second."""
    draw = random.Random(seed)

    def act(kind: str, path: str) -> None:
        if draw.random() < share:
            ledger.note(kind)
            time.sleep(0.3 + 0.7 * draw.random())
        time.sleep(0.02 * draw.random())

    return act


def wrong_clock(seconds: float, ledger: Ledger) -> None:
    """Let this process believe that it is another time, which also jumps now and then, and date its files by it.

    Every look at the clock is a fault. File servers date files by their own clocks, so each file gets a time of its own.
    """
    right, draw = time.time, random.Random(str(seconds))
    replace = Path.replace
    looks = 0

    def wrong() -> float:
        nonlocal looks
        looks += 1
        if looks == 1:
            ledger.note("clock")
        return right() + seconds + draw.choice((0, 0, 0, -3600, 7200))

    def dated(path: Path, target: Any) -> Path:
        then = right() + seconds * draw.uniform(-2, 2)
        os.utime(path, (then, then))
        return replace(path, target)

    time.time = wrong
    Path.replace = dated  # type: ignore[method-assign,assignment]


def delays(seed: int) -> Act:
    """Lets operations take up to 5 ms."""
    draw = random.Random(seed)
    return lambda kind, path: time.sleep(draw.random() * 0.005)


def zombie(number: int, stalls_at: str, comes_back: Callable[[], bool], ledger: Ledger) -> Act:
    """At the beginning of an item, counted from 1, the process forks: both make the item, as speculative bundles do.

    The copy ends with its item. At its first operation of the kind `stalls_at` it waits until `comes_back()`, as a
    worker does that was given up and then comes back.
    """
    left = number
    copy = False
    once = failures.retried

    def forking(work: Callable[[], Any]) -> Any:
        nonlocal left, copy
        left -= 1
        if left == 0:
            ledger.note("item")
            copy = os.fork() == 0
        try:
            return once(work)
        finally:
            if copy:
                os._exit(0)

    failures.retried = forking  # type: ignore[assignment]

    def act(kind: str, path: str) -> None:
        deadline = time.monotonic() + 120
        while copy and kind == stalls_at and not comes_back() and time.monotonic() < deadline:
            time.sleep(0.01)

    return act
