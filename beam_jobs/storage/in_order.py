"""Calls functions at the same time in threads, for functions that mostly wait for a store."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def both(first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """The results of two functions that wait for a store at the same time. An exception of `first` is raised first."""
    with ThreadPoolExecutor(1, "both") as pool:
        beside = pool.submit(second)
        return first(), beside.result()


def in_order(work: Callable[[A], B], items: Iterable[A], ahead: int) -> Iterator[B]:
    """`work(item)` of each item, in the order of the items. An exception is raised where its result would come.

    At most `ahead` calls run at the same time, and at most `ahead` results are held.
    """
    waiting: deque[Future[B]] = deque()
    with ThreadPoolExecutor(ahead, "in order") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) >= ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
