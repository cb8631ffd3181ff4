"""Which words of an instance are predicted, compiled.

`rules.py` says which, and `plain.py` chooses the same in plain Python. Words are given by `begins` (int32), where each
begins ([CLS] and [SEP] count as one each, and the end follows the last), and `candidates` (int32), those that may be
masked, as indices into it; the latter are shuffled. The positions to predict are marked in `groups` (int32, all 0).
"""

import numba
import numpy as np

from beam_jobs.masking.rules import SHUFFLE_AT, SPAN_AT, MaskRules
from beam_jobs.records.counter_random import draw, draw_below

_SHIFT, _ONE = np.uint64(32), np.uintp(1)


@numba.njit(cache=True, nogil=True)
def choose_words(
    begins: np.ndarray, candidates: np.ndarray, count: int, budget: int, key: np.uint64, groups: np.ndarray
) -> int:
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
def choose_spans(
    pieces: np.ndarray,
    length: int,
    rules: MaskRules,
    begins: np.ndarray,
    candidates: np.ndarray,
    count: int,
    budget: int,
    key: np.uint64,
    groups: np.ndarray,
) -> int:
    """Mark pieces with 1 + the start of their span, as `choose_words` does.

    `pieces` is int32, `length` of which count; spans are as long as the key and `rules.span_limits` say.
    """
    left = budget
    for looked_at in range(count):
        if left == 0:
            break
        word = _next_word(candidates, looked_at, count, key)
        start = begins[word]
        words = 1
        bits = draw(key, SPAN_AT + start) >> _SHIFT
        for limit in rules.span_limits:
            words += bits >= limit
        for _ in range(words):
            begin = np.uint32(begins[word])
            if begin == length or groups[begin] != 0 or pieces[begin] == rules.cls_id or pieces[begin] == rules.sep_id:
                break
            size = np.int64(begins[word + _ONE]) - np.int64(begin)
            if size > left:
                break
            for i in range(size):
                groups[np.uintp(begin) + np.uintp(i)] = start + 1
            left -= int(size)
            word += _ONE
    return budget - left


@numba.njit(cache=True, nogil=True)
def _next_word(candidates, looked_at, count, key):
    """One step of a shuffle: the candidate whose turn it is, unsigned: an index that cannot count from the end."""
    other = np.uintp(looked_at + draw_below(key, SHUFFLE_AT + looked_at, count - looked_at))
    word = np.uintp(candidates[other])
    candidates[other] = candidates[np.uintp(looked_at)]
    return word
