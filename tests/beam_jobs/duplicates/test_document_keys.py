import random

import numpy as np
import pytest

from beam_jobs.duplicates.document_keys import LANES, document_keys, lane_permutations
from tests.beam_jobs.duplicates.oracle import jaccard
from tests.beam_jobs.duplicates.planted import VOCABULARY


def test_case_punctuation_space_and_unicode_form_do_not_count() -> None:
    same = document_keys(["Blå bær, 12 kr.", "BLÅ\nBÆR – 12 kr", "bla\u030a bær  12  kr"])
    assert len(np.unique(same.exact, axis=0)) == len(np.unique(same.signatures, axis=0)) == 1


def test_other_words_or_another_order_are_another_key() -> None:
    keys = document_keys(["ett to tre", "ett tre to", "etto tre", "ett to", "ett to tre tre", ""])
    assert len(np.unique(keys.exact, axis=0)) == 6


def test_a_document_without_words_has_no_key() -> None:
    keys = document_keys(["", "... !"])
    assert keys.words.tolist() == [0, 0]
    assert not keys.exact.any()


def test_the_exact_key_alone_is_the_same_key() -> None:
    texts = ["Ett to tre fire fem", "Seks"]
    alone = document_keys(texts, signatures=False)
    assert alone.signatures.shape == (0, LANES)
    assert (alone.exact == document_keys(texts).exact).all()


def test_no_documents() -> None:
    assert document_keys([]).exact.shape == (0, 2)


def test_lanes_are_different_permutations() -> None:
    multipliers, increments = lane_permutations()
    assert (multipliers % 2 == 1).all()  # only odd factors permute the numbers modulo 2**32
    assert len(set(multipliers.tolist())) == len(set(increments.tolist())) == LANES


@pytest.mark.parametrize("size", [0, 17])
def test_a_shingle_has_from_1_to_16_words(size: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 16"):
        document_keys(["a"], shingle_words=size)


def test_the_estimate_has_the_mean_and_the_deviation_of_theory() -> None:
    draws = random.Random(1)
    texts, truths = [], []
    for _ in range(5000):
        shared = draws.sample(VOCABULARY, draws.randint(40, 100))
        texts += [" ".join(shared + draws.sample(VOCABULARY, 40)) for _ in range(2)]
        truths.append(jaccard(*texts[-2:]))
    signatures = document_keys(texts).signatures
    errors = (signatures[::2] == signatures[1::2]).mean(axis=1) - truths
    theory = np.sqrt(np.mean([truth * (1 - truth) / LANES for truth in truths]))
    assert abs(errors.mean()) < 0.003
    assert errors.std() == pytest.approx(theory, rel=0.05)
