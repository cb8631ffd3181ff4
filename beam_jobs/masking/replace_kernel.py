"""Masking, compiled: `masking.py` says what it does, and a test holds the two equal, piece for piece.

Loops over pieces append without a branch: they always write, and step on by 0 or 1. A mispredicted branch on such a
coin toss costs more than everything else in the loop. Indices that run are unsigned: a signed one is looked at on every
access, because in Python it may count from the end.
"""

import numba
import numpy as np

from beam_jobs.masking.choice_kernel import KEPT_BELOW, MASK_BELOW, REPLACE_AT
from beam_jobs.records.counter_random import draw

_MASK_BELOW, _KEPT_BELOW = np.uint64(MASK_BELOW), np.uint64(KEPT_BELOW)
_ONE = np.uintp(1)
_LOW_HALF, _SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)


@numba.njit(cache=True)
def find_words(
    pieces: np.ndarray, length: int, piece_flags: np.ndarray, begins: np.ndarray, candidates: np.ndarray
) -> int:
    """Write where words begin to `begins` (each [CLS] and [SEP] counts as one, and the end follows the last), the words
    that may be masked, as indices into `begins`, to `candidates` (both int32 [at least length + 1]); return their number.
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
def replace_pieces(
    pieces: np.ndarray,
    length: int,
    groups: np.ndarray,
    per_group: bool,
    replacements: np.ndarray,
    mask_id: int,
    key: np.uint64,
    positions: np.ndarray,
    originals: np.ndarray,
    masked: np.ndarray,
) -> int:
    """Replace the pieces marked in `groups`, which is cleared; return their number.

    Positions (ascending) and original ids go to `positions` and `originals` (int32 [at least the number + 1]), and
    `masked` (int64 [3]) counts what became of them: MASK, KEPT, RANDOM.
    """
    found = np.uintp(0)
    for i in range(length):
        positions[found] = i
        found += np.uintp(groups[i] != 0)
    count = int(np.int64(found))
    choices = np.uint64(len(replacements))
    masks = kept = 0
    for k in range(count):
        at = np.uint32(positions[k])
        own = draw(key, REPLACE_AT + at)
        fate = own >> _SHIFT
        if per_group:
            fate = draw(key, REPLACE_AT + groups[at] - 1) >> _SHIFT
        replacement = replacements[((own & _LOW_HALF) * choices) >> _SHIFT]
        original = pieces[at]
        is_mask, is_random = fate < _MASK_BELOW, fate >= _KEPT_BELOW
        masks += is_mask
        kept += (not is_mask) and (not is_random)
        originals[k] = original
        pieces[at] = mask_id if is_mask else (replacement if is_random else original)
        groups[at] = 0
    masked[0] += masks
    masked[1] += kept
    masked[2] += count - masks - kept
    return count
