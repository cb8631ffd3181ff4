"""Where the words of an instance begin, compiled: as the vocabulary says, or as a record stores it.

Both write where words begin to `begins` (each [CLS] and [SEP] counts as one, and the end follows the last) and the words
that may be masked, as indices into `begins`, to `candidates` (both int32 [at least length + 1]), and return how many may
be masked.

The loops append without a branch: they always write, and step on by 0 or 1. A mispredicted branch on such a coin toss
costs more than everything else in the loop. Indices are unsigned, so that numba need not ask whether they count from the
end of the array.
"""

import numba
import numpy as np

from beam_jobs.masking.rules import MaskRules

_ONE = np.uintp(1)


@numba.njit(cache=True)
def find_words(pieces: np.ndarray, length: int, rules: MaskRules, begins: np.ndarray, candidates: np.ndarray) -> int:
    """The words of `pieces` (int32, `length` of which count) by the vocabulary: its "##" pieces continue a word."""
    words = count = np.uintp(0)
    after_special = _ONE
    for i in range(length):
        flags = np.uintp(rules.piece_flags[np.uint32(pieces[i])])
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
    """The words of `pieces` by `stored_starts` (uint8 [bytes]), whose bit i is set where piece i begins a word."""
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
