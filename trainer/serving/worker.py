"""The thread that computes: it takes batches of waiting rows through the network, one after the other."""

import concurrent.futures
import logging
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainer.serving.metrics import Metrics
from trainer.serving.row_queue import Outputs, Row, RowQueue, WaitingRow, padded_batch

logger = logging.getLogger("trainer")


@dataclass(frozen=True)
class Computation:
    """A compiled part of a model: inputs of a batch to its outputs, both by name; `lengths` are those of its rows."""

    run: Callable[[dict[str, np.ndarray]], Outputs]
    lengths: tuple[int, ...]
    per_row: Mapping[str, np.ndarray]  # inputs of one row that are not per piece, for compiling


class Job:
    """The rows of one request. `done` becomes what `Row.reduce` made of each, in order, or the error of the model."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.done: concurrent.futures.Future[list[Any]] = concurrent.futures.Future()
        self._found: list[Any] = [None] * len(rows)
        self._missing = len(rows)

    def found(self, place: int, value: Any) -> None:
        """Note the value of one row."""
        self._found[place] = value
        self._missing -= 1
        if not self._missing and not self.done.done():
            self.done.set_result(self._found)

    def failed(self, error: Exception) -> None:
        """Note that a row cannot be computed."""
        if not self.done.done():
            self.done.set_exception(error)


class Worker:
    """Computes rows in a thread of its own. `ready` is set when every shape is compiled."""

    def __init__(
        self, computations: Mapping[str, Computation], max_batch_tokens: int, max_rows: int, metrics: Metrics
    ) -> None:
        self._computations, self._metrics = computations, metrics
        lengths = {name: computation.lengths for name, computation in computations.items()}
        self._queue = RowQueue(lengths, max_batch_tokens, max_rows)
        self._changed = threading.Condition()
        self._ending = False
        self.ready = threading.Event()
        self.failure: Exception | None = None  # of compiling
        self._thread = threading.Thread(target=self._work, daemon=True, name="serve-worker")

    @property
    def shapes(self) -> int:
        """How many shapes of batches are compiled."""
        return len(self._queue.shapes())

    @property
    def waiting(self) -> int:
        """Rows in the queue."""
        return len(self._queue)

    @property
    def room(self) -> int:
        """How many more rows may wait."""
        return self._queue.room

    def start(self) -> None:
        """Begin to compile, and then to compute."""
        self._thread.start()

    def submit(self, rows: Sequence[Row]) -> Job | None:
        """Put the rows of a request, one at least, in line; None if there is no room for them."""
        job = Job(rows)
        with self._changed:
            if not self._queue.add(rows, job):
                return None
            self._changed.notify()
        return job

    def discard(self, job: Job) -> None:
        """Do not compute what of a request still waits."""
        with self._changed:
            count = self._queue.discard(job)
        if count:
            self._metrics.discarded(count)

    def stop(self) -> None:
        """Compute all that waits, then end."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join()

    def _work(self) -> None:
        try:
            for name, length, size in self._queue.shapes():
                if self._ending:
                    return
                self._compile(self._computations[name], length, size)
        except Exception as error:
            self.failure = error
            return
        self.ready.set()
        while True:
            with self._changed:
                while not len(self._queue) and not self._ending:
                    self._changed.wait()
                taken = self._queue.take()
            if taken is None:
                return
            self._compute(*taken)

    def _compile(self, computation: Computation, length: int, size: int) -> None:
        shape = np.zeros((size, length), np.int32)
        batch = dict.fromkeys(("input_ids", "segment_ids"), shape)
        mask = shape.copy()
        mask[:, 0] = 1
        more = {name: np.zeros((size, *value.shape), np.int32) for name, value in computation.per_row.items()}
        computation.run({**batch, "input_mask": mask, **more})

    def _compute(self, shape: tuple[str, int, int], waiting: Sequence[WaitingRow]) -> None:
        name, length, size = shape
        rows = [entry.row for entry in waiting]
        try:
            outputs = self._computations[name].run(padded_batch(rows, size, length))
            for number, entry in enumerate(waiting):
                entry.owner.found(entry.place, entry.row.reduce({key: of[number] for key, of in outputs.items()}))
        except Exception as error:  # whatever the model raises, the next batch may be computed
            logger.error(f"{name}: a batch of {size} rows of {length} pieces failed: {told(error)}")
            for entry in waiting:
                entry.owner.failed(error)
                self.discard(entry.owner)
        else:
            self._metrics.batch(name, len(rows), sum(row.pieces for row in rows), size * length)


def told(error: BaseException) -> str:
    """The kind of an error and where it was raised. Not its message: that may quote a text."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return type(error).__name__ + "".join(f" in {frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in last)
