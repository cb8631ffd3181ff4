"""Chooses the few lengths to which rows are padded. Each is a compilation, so there are at most six."""

from collections.abc import Sequence

import numpy as np

MOST = 6  # lengths
_MULTIPLE = 8  # lengths are multiples of it, as far as the longest row allows
_WORTH = 1.02  # fewer lengths are taken if they need at most this many times the pieces


def choose_buckets(lengths: Sequence[int] | np.ndarray, max_seq_length: int, most: int = MOST) -> tuple[int, ...]:
    """The lengths, in ascending order, that pad rows of these lengths the least. A row takes the first that fits.

    They are the best of all choices, found by dynamic programming; of fewer lengths that are about as good, the fewest.
    They depend on the lengths alone, not on their order.

    Args:
        lengths: the pieces of each row, 1 to `max_seq_length`.
        max_seq_length: no bucket is longer.
        most: how many buckets there may be.
    """
    rounded = np.minimum(-(-np.asarray(lengths, np.int64) // _MULTIPLE) * _MULTIPLE, max_seq_length)
    known, counts = np.unique(rounded, return_counts=True)
    if not len(known):
        return (max_seq_length,)
    rows = np.concatenate(([0], np.cumsum(counts)))
    size = len(known)
    # padded[j]: the least number of pieces of the j shortest kinds of rows, in a given number of buckets
    padded = np.concatenate(([0], np.full(size, np.iinfo(np.int64).max // 2)))
    costs, chosen = [], []
    for _ in range(min(most, size)):
        cost = padded[:, None] + (rows[None, :] - rows[:, None]) * np.concatenate(([0], known))[None, :]
        cost = np.where(np.arange(size + 1)[:, None] < np.arange(size + 1)[None, :], cost, np.iinfo(np.int64).max // 2)
        chosen.append(cost.argmin(axis=0))
        padded = cost.min(axis=0)
        costs.append(int(padded[size]))
    count = next(number for number, cost in enumerate(costs) if cost <= _WORTH * min(costs))
    buckets, end = [], size
    for number in range(count, -1, -1):
        buckets.append(int(known[end - 1]))
        end = int(chosen[number][end])
    return tuple(reversed(buckets))


def bucket_of(lengths: np.ndarray, buckets: Sequence[int]) -> np.ndarray:
    """Which bucket each row takes: int64 [rows]. Raises ValueError for a row that is longer than all of them."""
    found = np.searchsorted(np.asarray(buckets), lengths, "left")
    if len(found) and found.max() == len(buckets):
        raise ValueError(f"a row of {int(np.max(lengths))} pieces is longer than all buckets {tuple(buckets)}")
    return found
