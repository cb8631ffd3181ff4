"""A hash table from pairs of symbols to their counts, in one array that compiled code fills.

A pair is a row of four int64, half a cache line, whose last two columns are up to the caller. With so few columns together,
to find a pair and to change its count is one wait for memory.
"""

import numba
import numpy as np

KEY, COUNT = 0, 1  # columns of a row
EMPTY = -1  # the key of an empty row
SYMBOL_BITS = 32
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT_32, _SHIFT_29 = np.uint64(32), np.uint64(29)


def empty_rows(capacity: int) -> np.ndarray:
    """A table of so many rows, a power of two."""
    rows = np.zeros((capacity, 4), np.int64)
    rows[:, KEY] = EMPTY
    return rows


@numba.njit(cache=True)
def has_room(rows, pairs):
    """Whether so many pairs leave a quarter of the rows empty, so that searches stay short."""
    return 4 * pairs <= 3 * len(rows)


@numba.njit(cache=True, inline="always")
def home_of(rows, key):
    """The row where the search for the key begins."""
    mixed = np.uint64(key) * _MULTIPLIER
    return np.int64((mixed ^ (mixed >> _SHIFT_29)) >> _SHIFT_32) & (len(rows) - 1)


@numba.njit(cache=True)
def row_of(rows, key):
    """The row of the key, or the empty row where it belongs."""
    mask = len(rows) - 1
    row = home_of(rows, key)
    while rows[row, KEY] != key and rows[row, KEY] != EMPTY:
        row = (row + 1) & mask
    return row


@numba.njit(cache=True)
def move_rows(old, new):
    """Enter the pairs that still occur into another table, which is empty; their number."""
    moved = 0
    for i in range(len(old)):
        if old[i, COUNT] > 0:
            row = row_of(new, old[i, KEY])
            for j in range(4):
                new[row, j] = old[i, j]
            moved += 1
    return moved
