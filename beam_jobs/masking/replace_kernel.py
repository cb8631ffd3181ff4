"""Replaces the predicted pieces, compiled. `plain.py` does the same in plain Python.

The first loop appends without a branch, as in `words_kernel.py`. Indices are unsigned, which saves numba's check for
negative ones.
"""

import numba
import numpy as np

from beam_jobs.masking.rules import KEPT_BELOW, MASK_BELOW, REPLACE_AT
from beam_jobs.records.counter_random import draw

_MASK_BELOW, _KEPT_BELOW = np.uint64(MASK_BELOW), np.uint64(KEPT_BELOW)
_LOW_HALF, _SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)


@numba.njit(cache=True)
def replace_pieces(
    pieces: np.ndarray,
    length: int,
    groups: np.ndarray,
    mask_id: int,
    per_group: bool,
    replacements: np.ndarray,
    key: np.uint64,
    positions: np.ndarray,
    originals: np.ndarray,
    fates: np.ndarray,
) -> int:
    """Replace the pieces that are marked in `groups`, clear `groups`, and return the number of replaced pieces.

    `mask_id`, `per_group` and `replacements` are those of the `MaskRules`.

    Their positions (ascending) and original ids are written to `positions` and `originals`, both int32 with room for
    one more than that number. `fates` (int64 [3]) counts what became of them: MASK, KEPT, RANDOM.
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
    fates[0] += masks
    fates[1] += kept
    fates[2] += count - masks - kept
    return count
