"""The kernel against plain Python, text for text."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beam_jobs.duplicates import keys_kernel
from beam_jobs.duplicates.document_keys import LANES, document_keys, lane_permutations
from beam_jobs.duplicates.folded_characters import folded_characters
from tests.beam_jobs.duplicates.oracle import exact_key, folded_words, mix, signature, words_of

ANY_TEXT = st.text(st.one_of(st.characters(codec=None), st.sampled_from("aB1 .,\nåØ語ไΣİ\u0301\ud800")), max_size=60)


@given(st.lists(ANY_TEXT, max_size=4), st.integers(1, 5))
@example(["", "!", "ett", "ett to", "ett to tre", "a b c d e f g h i j k l m n"], 3)
@example(["語語語語a語", "ไทย", "x語"], 3)
@settings(max_examples=150, deadline=None)
def test_words_keys_and_signatures_are_those_of_the_oracle(texts: list[str], size: int) -> None:
    keys = document_keys(texts, shingle_words=size)
    assert keys.words.tolist() == [len(folded_words(text)) for text in texts]
    assert list(map(tuple, keys.exact.tolist())) == [exact_key(text) for text in texts]
    assert keys.signatures.tolist() == [signature(text, size) for text in texts]


def words_in(data: bytes, ends: list[int]) -> list[int]:
    words, exact = np.empty(len(ends), np.int64), np.empty((len(ends), 2), np.uint64)
    read = np.frombuffer(data, np.uint8), np.array(ends), folded_characters(), 3
    keys_kernel.key_documents(*read, *lane_permutations(), words, exact, np.empty((0, LANES), np.uint32))
    return words.tolist()


@given(st.binary(max_size=60))
@example(b"a\xc3b\xe8\xaa c")
@settings(max_examples=100, deadline=None)
def test_invalid_bytes_separate_words(data: bytes) -> None:
    assert words_in(data, [len(data)]) == [len(words_of(data.decode("utf-8", "replace")))]


def test_a_character_is_not_read_across_the_end_of_a_document() -> None:
    assert words_in("aå".encode(), [2, 3]) == [1, 0]


@pytest.mark.parametrize("number", [0, 1, 2**32, 2**64 - 1])
def test_mix_is_the_finaliser_of_murmur(number: int) -> None:
    assert int(keys_kernel.mix(np.uint64(number))) == mix(number)
