import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.masking.choice_kernel import choose_spans
from beam_jobs.masking.mask_kernel import mask_pieces, workspace
from beam_jobs.masking.plain import mask_plainly
from beam_jobs.masking.rules import KEPT, MASK, RANDOM, MaskRules, mask_rules
from beam_jobs.masking.words_kernel import find_words, read_words
from beam_jobs.records.counter_random import path_key
from vocab.vocabulary import Vocabulary, parse_vocabulary

WORDS, CONTINUATIONS, UNUSED = 40, 30, 9
FIRST_WORD = 5 + UNUSED
FIRST_CONTINUATION = FIRST_WORD + WORDS
CLS, SEP, MASK_ID = 2, 3, 4


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"[unused{i}]" for i in range(UNUSED))]
    pieces += [f"w{i}" for i in range(WORDS)] + [f"##c{i}" for i in range(CONTINUATIONS)]
    return parse_vocabulary("\n".join(pieces).encode(), "test")


def rules_for(vocabulary: Vocabulary, **changes) -> MaskRules:
    defaults = {
        "masking": "whole_word",
        "replace_per": "piece",
        "probability": 0.15,
        "sequence_length": 128,
        "max_predictions": 19,
    }
    return mask_rules(vocabulary, **{**defaults, **changes})


def mask(pieces: list[int], key: int, rules: MaskRules):
    """As `mask_plainly`, by the kernel; also the counts of what became of them."""
    length = len(pieces)
    array, work, fates = np.array(pieces, np.int32), workspace(length), np.zeros(3, np.int64)
    words = find_words(array, length, rules.piece_flags, work.begins, work.candidates)
    budget = rules.budgets[length]
    predicted = mask_pieces(array, length, words, budget, rules, np.uint64(key), work, fates)
    assert predicted == fates.sum() <= budget
    assert not work.groups.any()
    positions = work.positions[:predicted].tolist()
    assert work.originals[:predicted].tolist() == [pieces[position] for position in positions]
    return array.tolist(), positions, fates.tolist()


instances = st.tuples(
    st.lists(st.integers(FIRST_WORD, FIRST_CONTINUATION + CONTINUATIONS - 1), min_size=1, max_size=60),
    st.lists(st.integers(FIRST_WORD, FIRST_CONTINUATION + CONTINUATIONS - 1), min_size=1, max_size=60),
).map(lambda segments: [CLS, *segments[0], SEP, *segments[1], SEP])


@given(
    instances,
    st.integers(0, 2**64 - 1),
    st.sampled_from(["whole_word", "wordpiece", "span", "ngram"]),
    st.sampled_from(["piece", "word"]),
    st.booleans(),
    st.sampled_from([0.05, 0.15, 0.6]),
)
@settings(max_examples=200, deadline=None)
def test_the_kernel_masks_what_the_plain_version_masks(
    vocabulary, pieces, key, masking, replace_per, draw_special, probability
):
    rules = rules_for(
        vocabulary,
        masking=masking,
        replace_per=replace_per,
        draw_special=draw_special,
        probability=probability,
        max_predictions=40,
    )
    masked, positions, fates = mask_plainly(pieces, key, rules)
    assert mask(pieces, key, rules) == (masked, positions, [fates.count(fate) for fate in (MASK, KEPT, RANDOM)])


@given(instances, st.sampled_from(["whole_word", "wordpiece"]))
@settings(max_examples=100, deadline=None)
def test_words_are_the_same_by_the_vocabulary_and_by_what_a_record_stores(vocabulary, pieces, masking):
    rules = rules_for(vocabulary, masking=masking)
    array = np.array(pieces, np.int32)
    special = np.isin(array, (CLS, SEP))
    stored = vocabulary.word_start[array] | special | np.concatenate(([True], special[:-1]))
    found, read = workspace(len(pieces)), workspace(len(pieces))
    count = find_words(array, len(pieces), rules.piece_flags, found.begins, found.candidates)
    bits = np.packbits(stored, bitorder="little")
    assert read_words(array, len(pieces), bits, rules, read.begins, read.candidates) == count
    assert found.candidates[:count].tolist() == read.candidates[:count].tolist()
    end = found.begins.tolist().index(len(pieces))
    assert found.begins[: end + 1].tolist() == read.begins[: end + 1].tolist()


@given(instances, st.integers(0, 2**64 - 1), st.sampled_from(["whole_word", "span", "ngram"]))
@settings(max_examples=150, deadline=None)
def test_words_are_whole_and_special_pieces_stay(vocabulary, pieces, key, masking):
    rules = rules_for(vocabulary, masking=masking, probability=0.3)
    masked, positions, _ = mask(pieces, key, rules)
    assert positions == sorted(set(positions))
    assert all(pieces[position] not in (CLS, SEP) for position in positions)
    assert all(masked[i] == pieces[i] for i in range(len(pieces)) if i not in positions)
    for position in positions:
        before, after = pieces[position - 1], pieces[position + 1]
        if pieces[position] >= FIRST_CONTINUATION and before not in (CLS, SEP):
            assert position - 1 in positions
        if after >= FIRST_CONTINUATION:
            assert position + 1 in positions


@given(instances, st.integers(0, 2**64 - 1))
@settings(max_examples=100, deadline=None)
def test_the_budget_is_filled_as_long_as_a_word_fits(vocabulary, pieces, key):
    rules = rules_for(vocabulary, probability=0.3)
    _, positions, _ = mask(pieces, key, rules)
    left = rules.budgets[len(pieces)] - len(positions)
    run = 0  # of an unmasked word
    for i, piece in enumerate(pieces):
        starts = piece < FIRST_CONTINUATION or pieces[i - 1] in (CLS, SEP)
        if starts:
            assert run == 0 or run > left
            run = 0
        if piece not in (CLS, SEP) and i not in positions:
            run += 1


def test_how_many_are_predicted_is_rounded_half_to_even(vocabulary):
    budgets = rules_for(vocabulary, probability=0.25, max_predictions=19).budgets
    assert budgets[[2, 4, 6, 10, 14, 40, 76, 78, 80, 128]].tolist() == [1, 1, 2, 2, 4, 10, 19, 19, 19, 19]
    assert len(budgets) == 129
    assert rules_for(vocabulary).budgets[128] == 19


@pytest.mark.parametrize("masking", ["whole_word", "wordpiece", "span", "ngram"])
@pytest.mark.parametrize("replace_per", ["piece", "word"])
def test_eighty_ten_ten(vocabulary, masking, replace_per):
    rules = rules_for(vocabulary, masking=masking, replace_per=replace_per, max_predictions=100, sequence_length=512)
    rng = np.random.default_rng(5)
    fates = np.zeros(3)
    for seed in range(400):
        pieces = rng.integers(FIRST_WORD, FIRST_CONTINUATION + CONTINUATIONS, 500).tolist()
        fates += mask([CLS, *pieces, SEP], path_key(seed), rules)[2]
    assert fates.sum() > 29_000
    # Words have 1.7 pieces and spans 3.8 words that are replaced alike, so the counts are fewer than they seem.
    assert abs(fates / fates.sum() - [0.8, 0.1, 0.1]).max() < 0.02


def test_replacements_are_never_special_or_unused_and_the_original_takes_any(vocabulary):
    pieces = [CLS, *[FIRST_WORD] * 126, SEP]
    seen: dict[bool, set[int]] = {False: set(), True: set()}
    for draw_special, ids in seen.items():
        rules = rules_for(vocabulary, draw_special=draw_special)
        for seed in range(400):
            ids.update(mask(pieces, path_key(seed), rules)[0][1:-1])
    assert seen[False] == {MASK_ID, *range(FIRST_WORD, len(vocabulary))}
    assert seen[True] == set(range(len(vocabulary)))


def test_a_word_or_a_span_is_replaced_alike_and_pieces_are_not(vocabulary):
    pieces = [CLS, *[FIRST_WORD, FIRST_CONTINUATION] * 60, SEP]

    def share_of_mixed_words(**changes) -> float:
        rules = rules_for(vocabulary, **changes)
        mixed = total = 0
        for seed in range(200):
            _, positions, fates = mask_plainly(pieces, path_key(seed), rules)
            at = dict(zip(positions, fates, strict=True))
            mixed += sum(at[position] != at[position + 1] for position in positions if position % 2)
            total += len(positions) // 2
        return mixed / total

    assert share_of_mixed_words(replace_per="word") == 0
    assert share_of_mixed_words(masking="span", replace_per="piece") == 0
    assert abs(share_of_mixed_words(replace_per="piece") - (1 - 0.8**2 - 2 * 0.1**2)) < 0.05


def test_random_pieces_of_a_word_differ(vocabulary):
    rules = rules_for(vocabulary, replace_per="word")
    pieces = [CLS, *[FIRST_WORD, FIRST_CONTINUATION] * 60, SEP]
    pairs = []
    for seed in range(300):
        masked, positions, fates = mask_plainly(pieces, path_key(seed), rules)
        random = [position for position, fate in zip(positions, fates, strict=True) if fate == RANDOM and position % 2]
        pairs += [masked[position] - masked[position + 1] for position in random]
    assert len(pairs) > 150
    assert np.mean(np.array(pairs) == 0) < 0.05


def test_spans_are_geometric_and_renormalised_at_ten(vocabulary):
    """Looks at the first span of the text, not the first drawn. Few spans meet: 25 predictions in 500 words."""
    rules = rules_for(vocabulary, masking="span", probability=0.05, max_predictions=25, sequence_length=512)
    pieces = [CLS, *[FIRST_WORD] * 500, SEP]
    first = []
    for seed in range(3000):
        work, array = workspace(len(pieces)), np.array(pieces, np.int32)
        count = find_words(array, len(pieces), rules.piece_flags, work.begins, work.candidates)
        groups, key = work.groups, np.uint64(path_key(seed))
        choose_spans(array, len(pieces), rules, work.begins, work.candidates, count, 25, key, groups)
        starts, lengths = np.unique(groups[groups > 0], return_counts=True)
        whole = lengths[starts - 1 < len(pieces) - 11]
        first.append(whole[0])
    weights = 0.8 ** np.arange(10)
    expected = (weights / weights.sum() * np.arange(1, 11)).sum()
    assert expected == pytest.approx(3.797, abs=1e-3)
    assert max(first) == 10
    # A span ends early where the budget ends: one span in 25 / 3.8 does, so the mean is a little lower.
    assert expected - 0.4 < np.mean(first) < expected + 0.1


def test_the_span_law_by_value(vocabulary):
    """Sums of 0.8 ** i over the sum of ten of them, in units of 2 ** -32."""
    assert rules_for(vocabulary, masking="span").span_limits.tolist() == [
        962321997,
        1732179594,
        2348065672,
        2840774535,
        3234941624,
        3550275296,
        3802542234,
        4004355784,
        4165806624,
        4294967296,
    ]
    assert not len(rules_for(vocabulary).span_limits)


@pytest.mark.parametrize("masking", ["span", "ngram"])
def test_spans_and_ngrams_do_not_cross_a_separator(vocabulary, masking):
    rules = rules_for(vocabulary, masking=masking, probability=0.9, max_predictions=100)
    pieces = [CLS, *([FIRST_WORD] * 3 + [SEP]) * 20]
    for seed in range(50):
        _, positions, _ = mask(pieces, path_key(seed), rules)
        assert all(pieces[position] == FIRST_WORD for position in positions)
        assert len(positions) == 60 if masking == "span" else len(positions) > 40


def test_most_of_the_budget_is_used_by_ngrams(vocabulary):
    """An n-gram that meets another is skipped, as in google-research/albert, but there are enough others to choose from."""
    rules = rules_for(vocabulary, masking="ngram")
    rng = np.random.default_rng(3)
    used = []
    for seed in range(300):
        pieces = rng.integers(FIRST_WORD, FIRST_CONTINUATION + CONTINUATIONS, 126).tolist()
        used.append(len(mask([CLS, *pieces, SEP], path_key(seed), rules)[1]))
    assert max(used) == 19
    assert np.mean(used) > 18.9


def test_ngrams_leave_runs_of_one_to_three_words(vocabulary):
    """At 2 % few n-grams touch, so that almost every run of masked words is an n-gram, of a length as drawn."""
    rules = rules_for(vocabulary, masking="ngram", probability=0.02, max_predictions=10, sequence_length=512)
    pieces = [CLS, *[FIRST_WORD] * 500, SEP]
    runs = np.zeros(20)
    for seed in range(600):
        _, positions, _ = mask(pieces, path_key(seed), rules)
        for run in np.split(positions, np.flatnonzero(np.diff(positions) > 1) + 1):
            runs[len(run)] += 1
    shares = runs / runs.sum()
    assert shares[4:].sum() < 0.05
    # 6/11, 3/11 and 2/11, but the last of about six n-grams is cut where the budget of ten ends.
    assert 0.5 < shares[1] < 0.63
    assert 0.22 < shares[2] < 0.32
    assert 0.1 < shares[3] < 0.2


def test_every_word_is_masked_as_often(vocabulary):
    rules = rules_for(vocabulary)
    pieces = [CLS, *[FIRST_WORD] * 60, SEP, *[FIRST_WORD] * 65, SEP]
    counts = np.zeros(len(pieces))
    for seed in range(4000):
        counts[mask(pieces, path_key(seed), rules)[1]] += 1
    words = counts[counts > 0]
    assert len(words) == 125
    expected = 4000 * 19 / 125
    assert abs(words - expected).max() < 4.5 * np.sqrt(expected)
