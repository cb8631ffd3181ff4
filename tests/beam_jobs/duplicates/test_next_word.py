"""The words one by one are those of the oracle, and have the hashes that the keys are made of."""

import numba
import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beam_jobs.duplicates.folded_characters import folded_characters
from beam_jobs.duplicates.next_word import next_word
from tests.beam_jobs.duplicates.oracle import word_hash, words_of

ANY_TEXT = st.text(st.one_of(st.characters(codec=None), st.sampled_from("aB1 .,\nåØ語ไΣİ\u0301\ud800")), max_size=60)


@numba.njit
def all_words(data, end, folded):
    hashes = []
    position = np.uint64(0)
    while True:
        found, word, position = next_word(data, position, np.uint64(end), folded)
        if not found:
            return hashes, position
        hashes.append(word)


def hashes_of(data: bytes) -> list[int]:
    hashes, position = all_words(np.frombuffer(data + b"x", np.uint8), len(data), folded_characters())
    assert position == len(data)
    return [int(word) for word in hashes]


@given(ANY_TEXT)
@example("a語b ไ語")
@settings(max_examples=100, deadline=None)
def test_words_of_any_text(text: str) -> None:
    assert hashes_of(text.encode("utf-8", "surrogatepass")) == [word_hash(word) for word in words_of(text)]


@given(st.binary(max_size=60))
@settings(max_examples=50, deadline=None)
def test_invalid_bytes_separate_words(data: bytes) -> None:
    assert hashes_of(data) == [word_hash(word) for word in words_of(data.decode("utf-8", "replace"))]
