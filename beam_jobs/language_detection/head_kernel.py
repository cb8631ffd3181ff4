"""The compiled look at the beginning of each document: what a detector must know before it reads the text."""

import numba
import numpy as np

CAPITALS, COMBINING, FEW_LETTERS = 1, 2, 4
"""Of the ASCII letters at the beginning, as many are capitals as not, or there are none; a Latin letter and its mark are
two characters; there are fewer than `least_letters` ASCII letters. All three can only be decided in Unicode."""


@numba.njit(cache=True, nogil=True)
def flag_heads(data, ends, head, least_letters, flags):
    """Write the `flags` (uint8 [documents]) of each document of `data` (uint8, UTF-8) from its first `head` bytes.

    Document i ends before byte `ends[i]` (int64), and i + 1 begins there.
    """
    begin = 0
    for document in range(ends.size):
        end = min(ends[document], begin + head)
        capitals = 0
        letters = 0
        combining = 0
        for i in range(np.uint64(begin), np.uint64(end)):
            byte = data[i]
            capitals += 65 <= byte <= 90
            letters += 97 <= (byte | 32) <= 122
            combining += byte == 0xCC or byte == 0xCD  # the lead bytes of U+0300 to U+037F
        flag = 0
        if 2 * capitals >= letters:
            flag |= CAPITALS
        if combining:
            flag |= COMBINING
        if letters < least_letters:
            flag |= FEW_LETTERS
        flags[document] = flag
        begin = ends[document]
