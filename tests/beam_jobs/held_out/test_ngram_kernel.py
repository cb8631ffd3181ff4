"""The kernels against sets of tuples."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beam_jobs.duplicates.folded_characters import folded_characters
from beam_jobs.held_out.ngram_kernel import MOST_WORDS, list_ngrams, powers_of_factor
from tests.beam_jobs.duplicates.oracle import WORD_FACTOR, word_hash
from tests.beam_jobs.held_out.oracle import ngrams

TEXTS = st.lists(st.text(st.sampled_from("ab .,åÅ語"), max_size=30), max_size=4)
MASK = 2**64 - 1
OF_LENGTH = 0xD6E8FEB86659FD93


def hashed(words: tuple[str, ...]) -> int:
    value = 0
    for word in words:
        value = (value * WORD_FACTOR + word_hash(word)) & MASK
    return (value + len(words) * OF_LENGTH) & MASK


def listed(texts: list[str], size: int, least: int) -> tuple[list[int], list[int]]:
    encoded = [text.encode() for text in texts]
    data = np.frombuffer(b"".join(encoded), np.uint8)
    ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
    out, words = np.empty(len(data), np.uint64), np.empty(len(texts), np.int64)
    count = list_ngrams(data, ends, folded_characters(), size, least, out, words)
    return [int(ngram) for ngram in out[:count]], words.tolist()


@given(TEXTS, st.integers(1, 5), st.integers(1, 5))
@example(["a b", "a", "", "b a b a b a"], 3, 2)
@settings(max_examples=150, deadline=None)
def test_the_ngrams_are_those_of_the_oracle(texts: list[str], size: int, least: int) -> None:
    least = min(size, least)
    found, _ = listed(texts, size, least)
    assert set(found) == {hashed(ngram) for text in texts for ngram in ngrams(text, size, least)}


def test_the_longest_ngram_fits_into_the_ring() -> None:
    text = " ".join(f"w{i}" for i in range(MOST_WORDS + 70))
    found, words = listed([text], MOST_WORDS, 8)
    assert words == [MOST_WORDS + 70]
    assert set(found) == {hashed(ngram) for ngram in ngrams(text, MOST_WORDS, 8)}


@pytest.mark.parametrize("length", [0, 1, 13])
def test_powers(length: int) -> None:
    assert int(powers_of_factor(np.array([length]))[0]) == pow(WORD_FACTOR, length, 2**64)
