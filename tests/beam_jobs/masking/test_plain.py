"""Masking in plain Python, on a text small enough to be followed by eye."""

import pytest

from beam_jobs.masking.plain import mask_plainly
from beam_jobs.masking.rules import KEPT, MASK, RANDOM, mask_rules
from beam_jobs.records.counter_random import path_key
from vocab.vocabulary import parse_vocabulary

PIECES = "[PAD] [UNK] [CLS] [SEP] [MASK] [unused1] a b ##c ##d"
CLS, SEP, MASK_ID, A, B, C, D = 2, 3, 4, 6, 7, 8, 9
TEXT = [CLS, A, C, D, B, SEP, C, A, C, SEP]
WORDS = ([1, 2, 3], [4], [6], [7, 8])  # the "##c" after [SEP] is left over by truncation and a word of its own


def rules_of(masking="whole_word", probability=0.3, **changes):
    vocabulary = parse_vocabulary("\n".join(PIECES.split()).encode(), "test")
    return mask_rules(
        vocabulary,
        **{
            "masking": masking,
            "replace_per": "piece",
            "probability": probability,
            "sequence_length": len(TEXT),
            "max_predictions": 9,
            **changes,
        },
    )


def outcomes(rules):
    return [mask_plainly(TEXT, path_key(seed), rules) for seed in range(400)]


def test_whole_words_are_taken_until_none_fits():
    found = {tuple(positions) for _, positions, _ in outcomes(rules_of())}
    fitting = {(1, 2, 3), (4, 6), (4, 7, 8), (6, 7, 8)}  # 3 pieces at most
    assert found == fitting


def test_single_pieces_are_taken_one_by_one():
    found = {position for _, positions, _ in outcomes(rules_of("wordpiece")) for position in positions}
    assert found == {1, 2, 3, 4, 6, 7, 8}
    assert {len(positions) for _, positions, _ in outcomes(rules_of("wordpiece"))} == {3}


def test_a_span_takes_neighbours_and_ends_at_a_separator():
    found = {tuple(positions) for _, positions, _ in outcomes(rules_of("span", probability=0.7))}
    assert all(set(word) <= set(positions) for positions in found for word in WORDS if word[0] in positions)
    assert (1, 2, 3, 4, 6, 7, 8) in found
    short = {tuple(positions) for _, positions, _ in outcomes(rules_of("span"))}
    assert {(1, 2, 3), (6, 7, 8)} <= short <= {(1, 2, 3), (4, 6), (4, 7, 8), (6, 7, 8)}


def test_ngrams_are_of_whole_words_and_end_at_a_separator():
    found = {tuple(positions) for _, positions, _ in outcomes(rules_of("ngram"))}
    assert found == {(1, 2, 3), (4, 6), (4, 7, 8), (6, 7, 8)}
    for _, positions, _ in outcomes(rules_of("ngram", probability=0.7)):
        assert all(set(word) <= set(positions) for word in WORDS if word[0] in positions)


def test_what_stands_there_afterwards_is_what_the_fate_says():
    allowed = {A, B, C, D}
    for masked, positions, fates in outcomes(rules_of()):
        assert [masked[i] for i in range(len(TEXT)) if i not in positions] == [
            TEXT[i] for i in range(len(TEXT)) if i not in positions
        ]
        for position, fate in zip(positions, fates, strict=True):
            now, before = masked[position], TEXT[position]
            assert {MASK: now == MASK_ID, KEPT: now == before, RANDOM: now in allowed}[fate]


@pytest.mark.parametrize("masking", ["whole_word", "span", "ngram"])
def test_a_group_has_one_fate_where_it_is_drawn_for_each_word(masking):
    for _, positions, fates in outcomes(rules_of(masking, replace_per="word")):
        of = dict(zip(positions, fates, strict=True))
        assert all(len({of[i] for i in word}) == 1 for word in WORDS if word[0] in of)
