"""Several instances in one row: which ones, as a function of their lengths alone.

The records of a shard are packed in units of UNIT consecutive ones, first-fit decreasing. So the rows of a shard are fixed
before training begins, and the order of `position.py` permutes packed rows as it does records: a position stays arithmetic.
The same instances share a row in every epoch; what they share is its place in a batch, since attention keeps them apart.
"""

from dataclasses import dataclass

import numba
import numpy as np

from trainer.data.masking_kernel import budget_less_one

UNIT = 1024
PIECES_PER_DOCUMENT = 32  # a row has room for one instance per so many pieces


@dataclass(frozen=True)
class PackedUnit:
    """The rows of some consecutive records: row r holds records `members[row_starts[r]:row_starts[r + 1]]`."""

    row_starts: np.ndarray  # int64 [rows + 1]
    members: np.ndarray  # int64 [records], each once


@dataclass(frozen=True)
class PackRules:
    """What fits into a row."""

    sequence_length: int
    max_predictions: int
    budgets: np.ndarray  # int32 [sequence_length + 1], predictions of an instance of so many pieces

    @property
    def documents(self) -> int:
        """Instances in a row at most."""
        return max(2, self.sequence_length // PIECES_PER_DOCUMENT)


def pack_unit(lengths: np.ndarray, rules: PackRules) -> PackedUnit:
    """Pack instances of so many pieces each (none over the sequence length; 0: a damaged record, which takes no room)."""
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
    """How many rows each unit of a shard gives, int64 [units]."""
    units = range(0, len(lengths), UNIT)
    return np.array([len(pack_unit(lengths[at : at + UNIT], rules).row_starts) - 1 for at in units], np.int64)


@numba.njit(cache=True, nogil=True)
def _first_fit(lengths, order, room, predictions, documents, budgets):
    """The row of each instance, int64: the first in which pieces, predictions and documents have room for it."""
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
