"""Bands of a MinHash signature: documents that share the key of a band are equal in all its lanes."""

import numba
import numpy as np

from beam_jobs.duplicates.keys_kernel import mix

BANDS, ROWS = 32, 4
_32 = np.uint64(32)
_BAND_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@numba.njit(cache=True, nogil=True)
def band_keys(signatures: np.ndarray, words: np.ndarray) -> np.ndarray:
    """A 64-bit key of each band, uint64 [documents, BANDS], of `signatures` (uint32 [documents, BANDS * ROWS]).

    Two documents of Jaccard index J share a band with probability J**ROWS (Leskovec, Rajaraman and Ullman, "Mining of
    Massive Datasets", section 3.4). A document without `words` (int64 [documents]) has the key 0, which is no key.
    """
    keys = np.zeros((signatures.shape[0], BANDS), np.uint64)
    for document in range(signatures.shape[0]):
        if words[document] == 0:
            continue
        for band in range(BANDS):
            key = np.uint64(band + 1) * _BAND_FACTOR
            for lane in range(band * ROWS, band * ROWS + ROWS, 2):
                pair = (np.uint64(signatures[document, lane]) << _32) | np.uint64(signatures[document, lane + 1])
                key = mix(key ^ pair)
            keys[document, band] = max(key, np.uint64(1))
    return keys
