"""Masking, compiled: `masking.py` says what it does, and a test holds the two equal, piece for piece.

Loops over pieces append without a branch: they always write, and step on by 0 or 1. A mispredicted branch on such a
coin toss costs more than everything else in the loop. Indices that run are unsigned: a signed one is looked at on every
access, because in Python it may count from the end.
"""

import numba
import numpy as np

from beam_jobs.counter_random import draw, draw_below
from beam_jobs.instances.masking import KEPT_BELOW, MASK_BELOW, REPLACE_AT, SHUFFLE_AT, SPAN_AT, SPECIAL

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
def choose_words(
    begins: np.ndarray, candidates: np.ndarray, count: int, budget: int, key: np.uint64, groups: np.ndarray
) -> int:
    """Mark the positions to predict in `groups` (int32, all 0) with 1 + the start of their word; return their number."""
    left = budget
    for looked_at in range(count):
        other = looked_at + draw_below(key, SHUFFLE_AT + looked_at, count - looked_at)
        word = candidates[other]
        candidates[other] = candidates[looked_at]
        begin, end = begins[word], begins[word + 1]
        if end - begin <= left:
            for i in range(begin, end):
                groups[i] = begin + 1
            left -= end - begin
            if left == 0:
                break
    return budget - left


@numba.njit(cache=True)
def choose_spans(
    pieces: np.ndarray,
    length: int,
    piece_flags: np.ndarray,
    begins: np.ndarray,
    candidates: np.ndarray,
    count: int,
    budget: int,
    span_limits: np.ndarray,
    key: np.uint64,
    groups: np.ndarray,
) -> int:
    """Mark the positions to predict in `groups` (int32, all 0) with 1 + the start of their span; return their number."""
    left = budget
    for looked_at in range(count):
        other = looked_at + draw_below(key, SHUFFLE_AT + looked_at, count - looked_at)
        word = candidates[other]
        candidates[other] = candidates[looked_at]
        start = begins[word]
        words = 1
        bits = draw(key, SPAN_AT + start) >> _SHIFT
        for limit in span_limits:
            words += bits >= limit
        for _ in range(words):
            begin = begins[word]
            if begin == length or groups[begin] != 0 or np.int64(piece_flags[pieces[begin]]) & SPECIAL:
                break
            end = begins[word + 1]
            if end - begin > left:
                break
            for i in range(begin, end):
                groups[i] = start + 1
            left -= end - begin
            word += 1
        if left == 0:
            break
    return budget - left


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
