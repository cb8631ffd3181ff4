import numpy as np
import pytest

from beam_jobs.masking.choice_kernel import choose_spans, choose_words
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
