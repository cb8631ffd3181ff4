"""Masking in plain Python: the words of an instance, the choice among them, and what replaces each piece.

`rules.py` describes the algorithm in words, and `mask_kernel.py` is the compiled version.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from beam_jobs.masking.rules import (
    KEPT,
    KEPT_BELOW,
    MASK,
    MASK_BELOW,
    NGRAM_SIXTHS,
    RANDOM,
    REPLACE_AT,
    SHUFFLE_AT,
    SPAN_AT,
    SPECIAL,
    WORD_START,
    MaskRules,
)
from beam_jobs.records.counter_random import draw, draw_below


def mask_plainly(pieces: Sequence[int], key: int, rules: MaskRules) -> tuple[list[int], list[int], list[int]]:
    """The masked pieces, the predicted positions in ascending order, and for each what became of it (MASK, ...)."""
    groups = _choose(_words(pieces, rules), rules, int(rules.budgets[len(pieces)]), key)
    masked = list(pieces)
    fates = {}
    for group in groups:
        for position in group:
            fate_bits = int(draw(np.uint64(key), REPLACE_AT + (group[0] if rules.per_group else position))) >> 32
            piece_bits = int(draw(np.uint64(key), REPLACE_AT + position)) & 0xFFFFFFFF
            if fate_bits < MASK_BELOW:
                fates[position], masked[position] = MASK, rules.mask_id
            elif fate_bits < KEPT_BELOW:
                fates[position] = KEPT
            else:
                replacement = rules.replacements[piece_bits * len(rules.replacements) >> 32]
                fates[position], masked[position] = RANDOM, int(replacement)
    positions = sorted(fates)
    return masked, positions, [fates[position] for position in positions]


def _words(pieces: Sequence[int], rules: MaskRules) -> list[list[int]]:
    """The positions of each word. [CLS] and [SEP] are empty words, at which a span ends."""
    words: list[list[int]] = []
    for position, piece in enumerate(pieces):
        if rules.piece_flags[piece] & SPECIAL:
            words.append([])
        elif rules.piece_flags[piece] & WORD_START or not words[-1]:
            words.append([position])
        else:
            words[-1].append(position)
    return words


def _choose(words: list[list[int]], rules: MaskRules, budget: int, key: int) -> list[list[int]]:
    """The chosen words or spans, as groups of positions, `budget` positions at most."""
    if rules.ngrams:
        return _choose_ngrams(words, budget, key)
    order = [index for index, word in enumerate(words) if word]
    taken: set[int] = set()
    groups = []
    left = budget
    for looked_at in range(len(order)):
        other = looked_at + int(draw_below(np.uint64(key), SHUFFLE_AT + looked_at, len(order) - looked_at))
        order[looked_at], order[other] = order[other], order[looked_at]
        index = order[looked_at]
        group: list[int] = []
        for _ in range(_span_length(words[index][0], key, rules)):
            if index in taken or index == len(words) or not words[index] or len(group) + len(words[index]) > left:
                break
            group += words[index]
            taken.add(index)
            index += 1
        if group:
            groups.append(group)
            left -= len(group)
        if left == 0:
            break
    return groups


def _choose_ngrams(words: list[list[int]], budget: int, key: int) -> list[list[int]]:
    """The words of the chosen n-grams, `budget` positions at most."""
    order = [index for index, word in enumerate(words) if word]
    chosen: dict[int, list[int]] = {}
    left = budget
    for looked_at in range(len(order)):
        if left == 0:
            break
        other = looked_at + int(draw_below(np.uint64(key), SHUFFLE_AT + looked_at, len(order) - looked_at))
        order[looked_at], order[other] = order[other], order[looked_at]
        first = order[looked_at]
        ngram = list(itertools.takewhile(lambda index: index < len(words) and words[index], range(first, first + 3)))
        bits = int(draw(np.uint64(key), SPAN_AT + words[first][0])) >> 32
        drawn = bits * NGRAM_SIXTHS[len(ngram) - 1] >> 32
        ngram = ngram[: 1 + sum(drawn >= limit for limit in NGRAM_SIXTHS)]
        while sum(len(words[index]) for index in ngram) > left:
            ngram.pop()
        if chosen.keys().isdisjoint(ngram):
            chosen |= {index: words[index] for index in ngram}
            left -= sum(len(words[index]) for index in ngram)
    return list(chosen.values())


def _span_length(position: int, key: int, rules: MaskRules) -> int:
    if not len(rules.span_limits):
        return 1
    bits = int(draw(np.uint64(key), SPAN_AT + position)) >> 32
    return 1 + sum(bits >= limit for limit in rules.span_limits.tolist())
