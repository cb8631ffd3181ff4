"""Lets the calls in one worker process share things safely: objects lent to one call at a time, and values made once.

A runner may run any number of bundles at once in the threads of one process, as Beam's worker harness does on Dataflow,
Flink and Spark. So a call must not change shared state. An object that is worth keeping from call to call is lent by a
`Pool`. The limit of a pool also limits the memory of the process, however many threads the runner starts.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache, wraps
from typing import Generic, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


class Pool(Generic[T]):
    """Lends at most `limit` objects, each to one call at a time. An object is made when it is first needed.

    Args:
        make: makes an object.
        limit: how many calls may hold an object at the same time; further calls wait.
    """

    def __init__(self, make: Callable[[], T], limit: int) -> None:
        self._make = make
        self._slots = threading.BoundedSemaphore(limit)
        self._idle: list[T] = []  # append and pop are atomic; the last one used, with warm caches, is lent first

    @contextmanager
    def lend(self) -> Iterator[T]:
        """An object that no other call uses while the body runs.

        If the body raises, the object is discarded, because the failure may have left it in an inconsistent state.
        """
        with self._slots:
            try:
                lent = self._idle.pop()
            except IndexError:
                lent = self._make()
            yield lent
            self._idle.append(lent)


def once_per_process(function: Callable[P, T]) -> Callable[P, T]:
    """`function`, called once per process for equal (hashable) arguments. Its last two results are kept.

    Threads that call it at the same time wait and get the same object, unlike with `lru_cache` alone.
    """
    kept = lru_cache(maxsize=2)(function)
    lock = threading.Lock()

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        with lock:
            return kept(*args, **kwargs)  # type: ignore[arg-type]  # lru_cache itself checks that they are hashable

    return call


@once_per_process
def _turns(step: str, limit: int) -> Pool[None]:
    return Pool(lambda: None, limit)


def in_turn(step: str, limit: int) -> AbstractContextManager[None]:
    """A context that at most `limit` calls of `step` can be in at the same time in this process. Further ones wait."""
    return _turns(step, limit).lend()
