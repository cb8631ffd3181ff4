"""What the calls in one worker process share, safely: objects lent to one call at a time, and values made once.

A runner may run any number of bundles at once in the threads of one process, as Beam's worker harness does on Dataflow,
Flink and Spark. So a call keeps what it changes to itself, and what is worth keeping from call to call is lent by a
`Pool`. Its limit also bounds the memory of the process, however many threads the runner starts.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache, wraps
from typing import Generic, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


class Pool(Generic[T]):
    """At most `limit` objects, made when they are first needed, each lent to one call at a time.

    Args:
        make: makes an object.
        limit: how many calls may hold one at once; further calls wait.
    """

    def __init__(self, make: Callable[[], T], limit: int) -> None:
        self._make = make
        self._slots = threading.BoundedSemaphore(limit)
        self._idle: list[T] = []  # append and pop are atomic; the one used last is lent first, its caches are warm

    @contextmanager
    def lend(self) -> Iterator[T]:
        """An object that nobody else uses while the body runs.

        When the body raises, the object is thrown away: the failure may have left it half-way through something.
        """
        with self._slots:
            try:
                lent = self._idle.pop()
            except IndexError:
                lent = self._make()
            yield lent
            self._idle.append(lent)


def once_per_process(function: Callable[P, T]) -> Callable[P, T]:
    """`function`, called once per process for the same (hashable) arguments; its last two results are kept.

    Unlike with `lru_cache` alone, threads that ask at the same time wait and get the same object.
    """
    kept = lru_cache(maxsize=2)(function)
    lock = threading.Lock()

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        with lock:
            return kept(*args, **kwargs)  # type: ignore[arg-type]  # lru_cache checks at run time that they are hashable

    return call


@once_per_process
def _turns(step: str, limit: int) -> Pool[None]:
    return Pool(lambda: None, limit)


def in_turn(step: str, limit: int) -> AbstractContextManager[None]:
    """A context that at most `limit` calls of `step` are in at once in this process; further ones wait."""
    return _turns(step, limit).lend()
