"""Which rows go through the network together: a queue of rows, and the few shapes of batches that there are.

Rows of one computation and one length are batched, in the order in which they came. The computation and the length are
those of the row that has waited longest, so none waits for ever. Every shape is compiled before the first request.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

_GROWTH = 4  # from one number of rows to the next
_MOST_ROWS = 64  # more make no processor faster on rows of these lengths

Outputs = Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Row:
    """One row of a request.

    Attributes:
        computation: its name.
        per_piece: inputs of the network, int32 [pieces] each; `input_ids` is one of them.
        per_row: more inputs, of the same shape for every row.
        reduce: makes of the outputs for this row, padding included, what the answer needs; called by the worker, because
            outputs for each piece are large.
    """

    computation: str
    per_piece: Mapping[str, np.ndarray]
    reduce: Callable[[Outputs], Any]
    per_row: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def pieces(self) -> int:
        """The length of the row."""
        return len(self.per_piece["input_ids"])


@dataclass(frozen=True, eq=False)
class WaitingRow:
    """A row in the queue: the `place` of it in its request, which is `owner`."""

    row: Row
    owner: Any
    place: int


def batch_sizes(length: int, max_batch_tokens: int) -> tuple[int, ...]:
    """The numbers of rows of the batches of one length: 1, 4, 16 and so on, as many as the tokens allow."""
    found = [1]
    while (size := found[-1] * _GROWTH) <= min(_MOST_ROWS, max_batch_tokens // length):
        found.append(size)
    return tuple(found)


def size_for(waiting: int, sizes: Sequence[int]) -> int:
    """The number of rows of the batch that takes the first of `waiting` rows.

    It is the smallest size that holds all of them, if they fill half of it; else the largest that they fill.
    """
    fitting = next((size for size in sizes if size >= waiting), None)
    if fitting is not None and 2 * waiting >= fitting:
        return fitting
    return max(size for size in sizes if size <= waiting)


class RowQueue:
    """The rows that wait. `lengths` are those of each computation, ascending, to which its rows are padded."""

    def __init__(self, lengths: Mapping[str, Sequence[int]], max_batch_tokens: int, max_rows: int) -> None:
        self._lengths = {name: np.asarray(values) for name, values in lengths.items()}
        self._tokens, self.max_rows = max_batch_tokens, max_rows
        self._lines: dict[tuple[str, int], deque[tuple[int, WaitingRow]]] = {}
        self._count = 0  # of rows so far
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    @property
    def room(self) -> int:
        """How many more rows may wait."""
        return self.max_rows - self._waiting

    def shapes(self) -> tuple[tuple[str, int, int], ...]:
        """The computation, the length and the number of rows of every batch that there can be."""
        return tuple(
            (name, int(length), size)
            for name, lengths in self._lengths.items()
            for length in lengths
            for size in batch_sizes(int(length), self._tokens)
        )

    def add(self, rows: Sequence[Row], owner: Any) -> bool:
        """Put all rows of a request in line, or none and return False if there is no room for them."""
        if len(rows) > self.room:
            return False
        for place, row in enumerate(rows):
            lengths = self._lengths[row.computation]
            shape = (row.computation, int(lengths[np.searchsorted(lengths, row.pieces)]))
            self._lines.setdefault(shape, deque()).append((self._count, WaitingRow(row, owner, place)))
            self._count += 1
        self._waiting += len(rows)
        return True

    def discard(self, owner: Any) -> int:
        """Take the rows of a request out of the line. Returns how many there were."""
        before = self._waiting
        for shape, line in list(self._lines.items()):
            kept = deque(entry for entry in line if entry[1].owner is not owner)
            self._waiting -= len(line) - len(kept)
            self._keep(shape, kept)
        return before - self._waiting

    def take(self) -> tuple[tuple[str, int, int], list[WaitingRow]] | None:
        """The next batch: its shape, and its rows, at most as many as that has; None if nothing waits."""
        if not self._waiting:
            return None
        shape = min(self._lines, key=lambda shape: self._lines[shape][0][0])
        line = self._lines[shape]
        size = size_for(len(line), batch_sizes(shape[1], self._tokens))
        rows = [line.popleft()[1] for _ in range(min(size, len(line)))]
        self._waiting -= len(rows)
        self._keep(shape, line)
        return (*shape, size), rows

    def _keep(self, shape: tuple[str, int], line: deque[tuple[int, WaitingRow]]) -> None:
        if line:
            self._lines[shape] = line
        else:
            del self._lines[shape]


def padded_batch(rows: Sequence[Row], size: int, length: int) -> dict[str, np.ndarray]:
    """The inputs of a batch, int32 [size, length] and [size, ...]; rows that only fill it have one piece of id 0."""
    batch = {"input_mask": np.zeros((size, length), np.int32)}
    batch["input_mask"][:, 0] = 1
    for name in rows[0].per_piece:
        batch[name] = np.zeros((size, length), np.int32)
    for name, values in rows[0].per_row.items():
        batch[name] = np.zeros((size, *values.shape), np.int32)
    for number, row in enumerate(rows):
        batch["input_mask"][number, : row.pieces] = 1
        for name, values in row.per_piece.items():
            batch[name][number, : row.pieces] = values
        for name, values in row.per_row.items():
            batch[name][number] = values
    return batch
