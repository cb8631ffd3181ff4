"""Puts batches on the device before they are needed, and measures how long the loop still waits for them."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

DEPTH = 2  # batches in advance: one is copied while one waits


class Prefetcher:
    """Reads `batches` in a thread, calls `put` there with each batch, and keeps DEPTH results ready."""

    def __init__(self, batches: Iterator[dict[str, np.ndarray]], put: Callable[[Any], Any]) -> None:
        self._ready: queue.Queue[tuple[str, Any]] = queue.Queue(maxsize=DEPTH)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(batches, put), name="prefetch", daemon=True)
        self._thread.start()

    def next(self) -> tuple[Any, float]:
        """The next batch, and the seconds spent waiting. Raises what reading it raised; StopIteration at the end."""
        started = time.perf_counter()
        kind, value = self._ready.get()
        if kind == "error":
            raise value
        return value, time.perf_counter() - started

    def close(self) -> None:
        """Stop reading, and return when the thread has ended."""
        self._stopped.set()
        while self._thread.is_alive():
            try:
                self._ready.get(timeout=0.05)
            except queue.Empty:
                continue

    def _work(self, batches: Iterator[dict[str, np.ndarray]], put: Callable[[Any], Any]) -> None:
        try:
            for batch in batches:
                self._offer("batch", put(batch))
                if self._stopped.is_set():
                    break
            else:
                self._offer("error", StopIteration("the data ended"))
        except BaseException as error:
            self._offer("error", error)
        finally:
            if hasattr(batches, "close"):
                batches.close()

    def _offer(self, kind: str, value: Any) -> None:
        while not self._stopped.is_set():
            try:
                self._ready.put((kind, value), timeout=0.05)
                return
            except queue.Full:
                continue
