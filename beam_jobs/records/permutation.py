"""Random permutations, for the documents of shards, the instances of a shard, and the rows that the trainer reads."""

import numba
import numpy as np

from beam_jobs.records.counter_random import draw


def permutation(key: int, size: int) -> np.ndarray:
    """A random permutation of range(size), int64, the same on every machine and with every numpy version.

    It sorts random numbers whose lowest bits hold their place. So all numbers differ, every sorting algorithm gives the
    same result, and no memory is needed besides that of the result.
    """
    place_bits = max(size - 1, 0).bit_length()
    values = _draw_with_places(np.uint64(key), size, np.uint64(place_bits))
    values.sort()
    values &= np.uint64((1 << place_bits) - 1)
    return values.view(np.int64)


@numba.njit(cache=True, nogil=True)
def _draw_with_places(key: np.uint64, size: int, place_bits: np.uint64) -> np.ndarray:
    values = np.empty(size, np.uint64)
    for i in range(size):
        values[i] = ((draw(key, i) >> place_bits) << place_bits) | np.uint64(i)
    return values
