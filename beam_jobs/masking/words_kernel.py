"""Finds where the words of an instance begin, compiled: by the vocabulary, or from what a record stores.

Both functions write the position where each word begins to `begins`; [CLS] and [SEP] count as words, and the end of the
instance follows the last. They write the words that may be masked to `candidates`, as indices into `begins`, and return
how many these are. Both arrays are int32 with at least length + 1 elements.

The loops append without a branch: they always write, and then advance by 0 or 1. A branch could not be predicted here,
and a mispredicted one costs more than the rest of the loop. Indices are unsigned, which saves numba's check for
negative ones.
"""

import numba
import numpy as np

from beam_jobs.masking.rules import MaskRules

_ONE = np.uintp(1)


@numba.njit(cache=True)
def find_words(
    pieces: np.ndarray, length: int, piece_flags: np.ndarray, begins: np.ndarray, candidates: np.ndarray
) -> int:
    """The words of the first `length` `pieces` (int32) by the vocabulary, whose "##" pieces continue a word.

    `piece_flags` is that of the `MaskRules`.
    """
    words = count = np.uintp(0)
    after_special = _ONE
    for i in range(length):
        flags = np.uintp(piece_flags[np.uint32(pieces[i])])
        special = flags >> _ONE
        starts = flags & _ONE | special | after_special
        begins[words] = i
        candidates[count] = words
        words += starts
        count += starts & (special ^ _ONE)
        after_special = special
    begins[words] = length
    return int(np.int64(count))


@numba.njit(cache=True)
def read_words(
    pieces: np.ndarray,
    length: int,
    stored_starts: np.ndarray,
    rules: MaskRules,
    begins: np.ndarray,
    candidates: np.ndarray,
) -> int:
    """The words of `pieces` by `stored_starts` (uint8 [bytes]), where bit i is set if piece i begins a word."""
    words = count = np.uintp(0)
    for i in range(length):
        special = np.uintp(pieces[i] == rules.cls_id) | np.uintp(pieces[i] == rules.sep_id)
        starts = np.uintp(rules.every_piece) | special | np.uintp(stored_starts[i >> 3] >> (i & 7)) & _ONE
        begins[words] = i
        candidates[count] = words
        words += starts
        count += starts & (special ^ _ONE)
    begins[words] = length
    return int(np.int64(count))
