import numpy as np
import pytest

from beam_jobs.masking.choice_kernel import choose_ngrams, choose_spans, choose_words
from beam_jobs.masking.rules import MaskRules
from beam_jobs.records.counter_random import path_key

CLS, SEP = 1, 2
PIECES = np.array([CLS, 5, 6, 7, 8, SEP, 9, 10, 11, SEP], np.int32)
BEGINS = np.array([0, 1, 3, 5, 6, 9, len(PIECES)], np.int32)  # words of 2, 2 and 3 pieces
CANDIDATES = (1, 2, 4)  # those that are neither [CLS] nor [SEP]
ONE_WORD, TEN_WORDS = np.zeros(0, np.uint64), np.array([0] * 9 + [2**32], np.uint64)


def rules_of(limits):
    return MaskRules(
        cls_id=CLS,
        sep_id=SEP,
        mask_id=3,
        every_piece=False,
        per_group=True,
        piece_flags=np.zeros(12, np.uint8),
        budgets=np.zeros(1, np.int32),
        replacements=np.zeros(1, np.int32),
        span_limits=limits,
    )


def choose(budget, seed, limits=None):
    """(groups, how many pieces are said to be chosen)"""
    groups, candidates = np.zeros(len(PIECES), np.int32), np.array(CANDIDATES, np.int32)
    key, count = np.uint64(path_key(seed)), len(CANDIDATES)
    if limits is None:
        chosen = choose_words(BEGINS, candidates, count, budget, key, groups)
    else:
        chosen = choose_spans(PIECES, len(PIECES), rules_of(limits), BEGINS, candidates, count, budget, key, groups)
    return groups.tolist(), chosen


@pytest.mark.parametrize("budget", range(9))
def test_whole_words_as_many_as_the_budget_holds(budget):
    for seed in range(20):
        groups, chosen = choose(budget, seed)
        left = np.array(groups)
        taken = 0
        for word in CANDIDATES:
            begin, end = BEGINS[word], BEGINS[word + 1]
            if groups[begin]:
                assert groups[begin:end] == [begin + 1] * (end - begin)
                taken += end - begin
                left[begin:end] = 0
        assert not left.any()
        assert chosen == taken <= budget
        assert chosen == 7 or chosen > budget - 3  # of the words that are left, none fits
        assert choose(budget, seed, ONE_WORD) == (groups, chosen)


def test_a_span_ends_before_a_separator():
    for seed in range(20):
        groups, chosen = choose(7, seed, TEN_WORDS)
        assert chosen == 7
        assert groups[6:9] == [7, 7, 7]
        assert groups[1:5] in ([2, 2, 2, 2], [2, 2, 4, 4])


def test_which_word_comes_first_hangs_on_the_key():
    firsts = {next(place for place, group in enumerate(choose(3, seed)[0]) if group) for seed in range(30)}
    assert firsts == {1, 3, 6}


def first_ngrams(words, budget, draws):
    """How often an n-gram of 0, 1, 2 and 3 words is taken where it begins at the first of so many words of one piece."""
    pieces = np.array([CLS, *range(5, 5 + words), SEP, 99, SEP], np.int32)
    begins = np.arange(len(pieces) + 1, dtype=np.int32)
    counts = np.zeros(4, int)
    for seed in range(draws):
        groups, candidates = np.zeros(len(pieces), np.int32), np.array([1], np.int32)
        key = np.uint64(path_key(seed))
        chosen = choose_ngrams(pieces, len(pieces), rules_of(ONE_WORD), begins, candidates, 1, budget, key, groups)
        assert groups.tolist() == [0, *range(2, 2 + chosen), *[0] * (len(pieces) - 1 - chosen)]
        counts[chosen] += 1
    return counts


@pytest.mark.parametrize(
    ("words", "budget", "shares"),
    [
        (9, 9, (0, 6 / 11, 3 / 11, 2 / 11)),
        (3, 9, (0, 6 / 11, 3 / 11, 2 / 11)),
        (2, 9, (0, 2 / 3, 1 / 3, 0)),  # the segment has no third word
        (1, 9, (0, 1, 0, 0)),
        (9, 2, (0, 6 / 11, 5 / 11, 0)),  # three words exceed the number to predict, and two are left
        (9, 1, (0, 1, 0, 0)),
    ],
)
def test_ngrams_have_one_to_three_words_with_probabilities_as_one_to_a_half_to_a_third(words, budget, shares):
    draws = 4000
    expected = draws * np.array(shares)
    deviation = np.sqrt(expected * (1 - np.array(shares)))
    assert (abs(first_ngrams(words, budget, draws) - expected) <= 4.5 * deviation).all()


def choose_ngrams_of_text(budget, seed):
    groups, candidates = np.zeros(len(PIECES), np.int32), np.array(CANDIDATES, np.int32)
    key = np.uint64(path_key(seed))
    chosen = choose_ngrams(
        PIECES, len(PIECES), rules_of(ONE_WORD), BEGINS, candidates, len(CANDIDATES), budget, key, groups
    )
    return groups.tolist(), chosen


@pytest.mark.parametrize("budget", range(9))
def test_ngrams_take_whole_words_and_no_more_than_the_budget(budget):
    for seed in range(30):
        groups, chosen = choose_ngrams_of_text(budget, seed)
        taken = 0
        for word in CANDIDATES:
            begin, end = BEGINS[word], BEGINS[word + 1]
            if groups[begin]:
                assert groups[begin:end] == [begin + 1] * (end - begin)
                taken += end - begin
        assert chosen == taken == np.count_nonzero(groups) <= budget
        assert chosen or budget < 3


def test_an_ngram_that_meets_a_word_already_taken_is_skipped():
    """Words 1 and 2 stand side by side: where both are looked at, word 2 first, word 1 is taken only by an n-gram of one."""
    found = {tuple(choose_ngrams_of_text(7, seed)[0][1:5]) for seed in range(200)}
    assert found == {(2, 2, 4, 4), (0, 0, 4, 4)}
