"""Chooses the words of an instance that the model must predict, compiled.

`rules.py` describes the choice, and `plain.py` makes the same choice in plain Python. `begins` (int32) holds the
position where each word begins; [CLS] and [SEP] count as words, and the end of the instance follows the last.
`candidates` (int32) holds the words that may be masked, as indices into `begins`; the kernels shuffle it. They mark the
positions to predict in `groups` (int32, all 0 before).
"""

import numba
import numpy as np

from beam_jobs.masking.rules import NGRAM_SIXTHS, SHUFFLE_AT, SPAN_AT, MaskRules
from beam_jobs.records.counter_random import draw, draw_below

_SHIFT, _ONE = np.uint64(32), np.uintp(1)


@numba.njit(cache=True, nogil=True)
def choose_words(
    begins: np.ndarray, candidates: np.ndarray, count: int, budget: int, key: np.uint64, groups: np.ndarray
) -> int:
    """Choose among the `count` candidates, and mark their pieces, `budget` at most, with 1 + the start of their word.

    Returns the number of marked pieces.
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

    `pieces` is int32, and its first `length` elements count. The key and `rules.span_limits` decide the length of
    spans.
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
def choose_ngrams(
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
    """Mark pieces of n-grams with 1 + the start of their word, as `choose_words` does; `pieces` as in `choose_spans`."""
    left = budget
    for looked_at in range(count):
        if left == 0:
            break
        word = _next_word(candidates, looked_at, count, key)
        start = begins[word]
        most = 0  # words from here to the end of the segment, as many as an n-gram can have
        while most < len(NGRAM_SIXTHS):
            at = np.uint32(begins[word + np.uintp(most)])
            if at == length or pieces[at] == rules.cls_id or pieces[at] == rules.sep_id:
                break
            most += 1
        drawn = (draw(key, SPAN_AT + start) >> _SHIFT) * np.uint64(NGRAM_SIXTHS[most - 1]) >> _SHIFT
        words = 1
        for n in range(most - 1):
            words += drawn >= np.uint64(NGRAM_SIXTHS[n])
        while words > 0 and begins[word + np.uintp(words)] - start > left:
            words -= 1
        free = words > 0
        for n in range(words):
            free &= groups[np.uint32(begins[word + np.uintp(n)])] == 0
        if free:
            for _ in range(words):
                begin, end = begins[word], begins[word + _ONE]
                for i in range(begin, end):
                    groups[np.uint32(i)] = begin + 1
                left -= int(end - begin)
                word += _ONE
    return budget - left


@numba.njit(cache=True, nogil=True)
def _next_word(candidates, looked_at, count, key):
    """One step of a shuffle: the next candidate. It is unsigned, which saves numba's check for negative indices."""
    other = np.uintp(looked_at + draw_below(key, SHUFFLE_AT + looked_at, count - looked_at))
    word = np.uintp(candidates[other])
    candidates[other] = candidates[np.uintp(looked_at)]
    return word
