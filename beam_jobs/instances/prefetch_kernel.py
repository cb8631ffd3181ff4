"""Asks for the memory of instances that will be written soon, compiled.

Instances are written in random order, so each begins with several reads of places in the memory that no cache holds.
If these are asked for a few instances earlier, the processor does not wait for them.
"""

import numba
import numpy as np

from beam_jobs.tokenizer.prefetch import prefetch

_ROW_AHEAD, _PIECES_AHEAD = 16, 4  # instances; a row must have arrived before its pieces can be asked for
_IDS_OF_A_LINE = 16  # int32 ids in the 64 bytes that a processor loads at once


@numba.njit(cache=True)
def prefetch_instances(rows: np.ndarray, order: np.ndarray, n: int, ids: np.ndarray) -> None:
    """Ask for what the instances that follow `rows[order[n]]` (PLANNED_INSTANCE) need, of the rows and of `ids` (int32)."""
    if n + _ROW_AHEAD < len(order):
        prefetch(rows, np.uintp(order[n + _ROW_AHEAD]))
    if n + _PIECES_AHEAD < len(order):
        row = rows[order[n + _PIECES_AHEAD]]
        for start, length in ((row.a_start, row.a_length), (row.b_start, row.b_length)):
            for i in range(0, length + _IDS_OF_A_LINE - 1, _IDS_OF_A_LINE):
                prefetch(ids, np.uintp(start + i))
