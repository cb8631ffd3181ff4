"""A queue of pairs by their counts, for byte-pair learning: the most frequent pair first, of equals the lowest key.

It is a binary heap in one array, which takes 16 bytes per pair. The loops are compiled by numba.
"""

import numba
import numpy as np

from vocab.learning.pair_rows import COUNT, row_of

_COUNT, _KEY = 0, 1


class PairQueue:
    """Pairs with their counts, which may be outdated: when a pair comes up whose count has fallen, it is put back.

    Args:
        min_frequency: pairs with lower counts are left out.
    """

    def __init__(self, min_frequency: int) -> None:
        self._least = min(min_frequency, int(np.iinfo(np.int64).max))  # no pair is as frequent as that
        self._heap = np.empty((1 << 10, 2), np.int64)
        self._size = 0

    def push(self, keys: np.ndarray, counts: np.ndarray) -> None:
        """Put in pairs with their counts, int64 [pairs] both."""
        if self._size + len(keys) > len(self._heap):
            larger = np.empty((max(len(self._heap) * 3 // 2, self._size + len(keys)), 2), np.int64)
            larger[: self._size] = self._heap[: self._size]
            self._heap = larger
        self._size = _push(self._heap, self._size, keys, counts, self._least)

    def pop(self, rows: np.ndarray) -> int:
        """Take out the key of the most frequent pair; -1 if there is none. `rows` has the counts, see `PairTable`."""
        key, self._size = _pop(self._heap, self._size, rows, self._least)
        return int(key)


@numba.njit(cache=True, inline="always")
def _is_before(count, key, other_count, other_key):
    return count > other_count or (count == other_count and key < other_key)


@numba.njit(cache=True)
def _push(heap, size, keys, counts, least):
    for i in range(len(keys)):
        count, key = counts[i], keys[i]
        if count < least:
            continue
        at = size
        size += 1
        while at > 0:
            parent = (at - 1) // 2
            if not _is_before(count, key, heap[parent, _COUNT], heap[parent, _KEY]):
                break
            heap[at, _COUNT], heap[at, _KEY] = heap[parent, _COUNT], heap[parent, _KEY]
            at = parent
        heap[at, _COUNT], heap[at, _KEY] = count, key
    return size


@numba.njit(cache=True)
def _pop(heap, size, rows, least):
    while size > 0:
        stored, key = heap[0, _COUNT], heap[0, _KEY]
        count = rows[row_of(rows, key), COUNT]
        if count == stored or count < least:
            size -= 1
            _sink(heap, size, heap[size, _COUNT], heap[size, _KEY])
            if count >= least:
                return key, size
        else:
            _sink(heap, size, count, key)
    return np.int64(-1), size


@numba.njit(cache=True)
def _sink(heap, size, count, key):
    """Put a pair in the place of the first one."""
    at = 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and _is_before(
            heap[child + 1, _COUNT], heap[child + 1, _KEY], heap[child, _COUNT], heap[child, _KEY]
        ):
            child += 1
        if _is_before(count, key, heap[child, _COUNT], heap[child, _KEY]):
            break
        heap[at, _COUNT], heap[at, _KEY] = heap[child, _COUNT], heap[child, _KEY]
        at = child
    heap[at, _COUNT], heap[at, _KEY] = count, key
