"""Random orders of shards and rows."""

import numba
import numpy as np

from beam_jobs.records.counter_random import draw


def permutation(key: int, size: int) -> np.ndarray:
    """A random permutation of range(size), int64, the same on every machine and with every numpy version.

    By all 64 bits of each draw. That of the corpus jobs, `beam_jobs.permutation`, leaves out the lowest: about one
    in sixty orders of a million rows is another. Neither may change: a resumed run stands at a place in this order,
    and the bytes of corpora hang on the other.
    """
    return np.argsort(_draws(np.uint64(key), size), kind="stable")


@numba.njit(cache=True, nogil=True)
def _draws(key, size):
    values = np.empty(size, np.uint64)
    for i in range(size):
        values[i] = draw(key, i)
    return values
