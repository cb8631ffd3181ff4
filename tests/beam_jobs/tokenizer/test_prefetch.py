import numba
import numpy as np

from beam_jobs.tokenizer.prefetch import prefetch


@numba.njit
def ask(array, index):
    prefetch(array, index)
    return array.sum()


def test_neither_the_array_nor_a_wrong_index_does_any_harm():
    for array in (np.arange(10), np.arange(12, dtype=np.uint64).reshape(3, 4)):
        for index in (0, len(array) - 1, 10**12, 2**63 - 1):
            assert ask(array, np.uint64(index)) == array.sum()
