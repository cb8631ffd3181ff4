"""Decides which instances share a row. This depends only on their lengths.

UNIT consecutive records of a shard are packed together, first-fit decreasing. So the rows of a shard are known before
training begins, and `position.py` can permute packed rows like records. The same instances share a row in every epoch.
They do not see each other, since attention is limited to an instance.
"""

from dataclasses import dataclass

import numba
import numpy as np

from trainer.data.masking_kernel import budget_less_one

UNIT = 1024
PIECES_PER_DOCUMENT = 32  # a row has room for one instance for every so many pieces


@dataclass(frozen=True)
class PackedUnit:
    """The rows of consecutive records. Row r holds the records `members[row_starts[r]:row_starts[r + 1]]`."""

    row_starts: np.ndarray  # int64 [rows + 1]
    members: np.ndarray  # int64 [records], each once


@dataclass(frozen=True)
class PackRules:
    """The limits of a row."""

    sequence_length: int
    max_predictions: int
    budgets: np.ndarray  # int32 [sequence_length + 1], predictions of an instance by its number of pieces

    @property
    def documents(self) -> int:
        """The most instances in a row."""
        return max(2, self.sequence_length // PIECES_PER_DOCUMENT)


def pack_unit(lengths: np.ndarray, rules: PackRules) -> PackedUnit:
    """Pack instances with these numbers of pieces, at most the sequence length; 0 is a damaged record, without room."""
    by_length = np.argsort(-lengths.astype(np.int64), kind="stable")
    row_of = _first_fit(
        lengths.astype(np.int64),
        by_length,
        rules.sequence_length,
        rules.max_predictions,
        rules.documents,
        rules.budgets,
    )
    members = np.lexsort((np.arange(len(row_of)), row_of))
    rows = int(row_of.max(initial=-1)) + 1
    return PackedUnit(np.searchsorted(row_of[members], np.arange(rows + 1)), members)


def unit_rows(lengths: np.ndarray, rules: PackRules) -> np.ndarray:
    """The number of rows of each unit of a shard, int64 [units]."""
    units = range(0, len(lengths), UNIT)
    return np.array([len(pack_unit(lengths[at : at + UNIT], rules).row_starts) - 1 for at in units], np.int64)


@numba.njit(cache=True, nogil=True)
def _first_fit(lengths, order, room, predictions, documents, budgets):
    """The row of each instance, int64: the first one with room for its pieces and predictions and one more document."""
    rows = 0
    count = len(lengths)
    row_of = np.zeros(count, np.int64)
    free, unpredicted, absent = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int64)
    for i in order:
        size = lengths[i]
        needed = budget_less_one(budgets[size]) if size else 0
        row = 0
        while row < rows and (free[row] < size or unpredicted[row] < needed or absent[row] == 0):
            row += 1
        if row == rows:
            free[row], unpredicted[row], absent[row] = room, predictions, documents
            rows += 1
        free[row] -= size
        unpredicted[row] -= needed
        absent[row] -= 1
        row_of[i] = row
    return row_of
