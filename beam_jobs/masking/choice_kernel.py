"""Which words of an instance are predicted, compiled: the instances job and the trainer make the same choice from the same key.

`beam_jobs.masking.rules` says in plain Python what is chosen. Words are given by `begins` (int32), where each begins
([CLS] and [SEP] count as one each, and the end follows the last), and `candidates` (int32), those that may be masked, as
indices into it; the latter are shuffled. The positions to predict are marked in `groups` (int32, all 0).
"""

import numba
import numpy as np

from beam_jobs.records.counter_random import draw, draw_below

SHUFFLE_AT = 0  # + how many words have been looked at: which word comes next
REPLACE_AT = 1 << 16  # + position: high half, what replaces the piece, word or span that starts there; low, which piece
SPAN_AT = 1 << 17  # + position: how many words the span that starts there has
"""Counters in the stream of an instance: random numbers belong to places, not to an order of drawing."""

MASK_BELOW, KEPT_BELOW = int(0.8 * 2**32), int(0.9 * 2**32)
"""Of 32 random bits: below the first the piece is masked, below the second it is kept, else it is random."""

_SHIFT, _ONE = np.uint64(32), np.uintp(1)


@numba.njit(cache=True, nogil=True)
def choose_words(begins, candidates, count, budget, key, groups):
    """Mark the pieces of some of the `count` candidates, `budget` at most, with 1 + the start of their word; return how
    many pieces that are.
    """
    left = budget
    for looked_at in range(count):
        if left == 0:
            break
        word = _next_word(candidates, looked_at, count, key)
        begin, end = begins[word], begins[word + _ONE]
        if end - begin <= left:
            for i in range(begin, end):
                groups[np.uint32(i)] = begin + 1
            left -= end - begin
    return budget - left


@numba.njit(cache=True, nogil=True)
def choose_spans(pieces, length, cls_id, sep_id, begins, candidates, count, budget, span_limits, key, groups):
    """Mark pieces with 1 + the start of their span, as `choose_words` does.

    `pieces` int32, `length` of which count; of 32 random bits (`span_limits` uint64), a span of i + 1 words is drawn below
    limit i.
    """
    left = budget
    for looked_at in range(count):
        if left == 0:
            break
        word = _next_word(candidates, looked_at, count, key)
        start = begins[word]
        words = 1
        bits = draw(key, SPAN_AT + start) >> _SHIFT
        for limit in span_limits:
            words += bits >= limit
        for _ in range(words):
            begin = np.uint32(begins[word])
            if begin == length or groups[begin] != 0 or pieces[begin] == cls_id or pieces[begin] == sep_id:
                break
            size = np.int64(begins[word + _ONE]) - np.int64(begin)
            if size > left:
                break
            for i in range(size):
                groups[np.uintp(begin) + np.uintp(i)] = start + 1
            left -= size
            word += _ONE
    return budget - left


@numba.njit(cache=True, nogil=True)
def _next_word(candidates, looked_at, count, key):
    """One step of a shuffle: the candidate whose turn it is, unsigned: an index that cannot count from the end."""
    other = np.uintp(looked_at + draw_below(key, SHUFFLE_AT + looked_at, count - looked_at))
    word = np.uintp(candidates[other])
    candidates[other] = candidates[np.uintp(looked_at)]
    return word
