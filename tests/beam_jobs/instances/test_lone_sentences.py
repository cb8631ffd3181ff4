import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.instances.lone_sentences import split_lone_sentences

corpora = st.lists(st.lists(st.integers(1, 60), min_size=1, max_size=8), min_size=1, max_size=6)  # sentence lengths
keys = st.integers(0, 2**64 - 1)


def starts(corpus: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    sentences = [length for document in corpus for length in document]
    return np.cumsum([0, *sentences], dtype=np.int64), np.cumsum([0, *map(len, corpus)], dtype=np.int64)


@pytest.mark.parametrize(
    ("words", "cuts"),
    [
        ([1], set()),
        ([1, 0, 0], set()),  # a single word stays whole
        ([1, 1], {1}),
        ([1, 0, 1, 0], {2}),
        ([1, 1, 0, 1], {1, 3}),
        ([0, 1], {1}),
    ],
)
def test_where_a_sentence_may_be_cut(words, cuts):
    ids, sentences, documents = np.array([*words, 1, 1], np.int32), *starts([[len(words)], [1, 1]])
    found = set()
    for key in range(40):
        cut, _ = split_lone_sentences(ids, sentences, documents, np.array([False, True]), np.uint64(key))
        found |= set(cut.tolist()) - set(sentences.tolist())
    assert found == cuts


@given(corpora, keys)
@settings(max_examples=60, deadline=None)
def test_lone_sentences_are_cut_between_words(corpus, key):
    sentences, documents = starts(corpus)
    word_start = np.array([False, True])
    ids = (np.arange(sentences[-1]) % 3 == 0).astype(np.int32)
    cut_sentences, cut_documents = split_lone_sentences(ids, sentences, documents, word_start, np.uint64(key))
    assert len(cut_documents) == len(documents)
    added = set(cut_sentences.tolist()) - set(sentences.tolist())
    assert len(cut_sentences) == len(sentences) + len(added)
    assert set(sentences.tolist()) <= set(cut_sentences.tolist())
    assert (np.diff(cut_sentences) > 0).all()
    assert all(ids[piece] for piece in added)
    for document, lengths in enumerate(corpus):
        first, end = (int(sentences[documents[document + i]]) for i in (0, 1))
        assert cut_sentences[cut_documents[document]] == first
        can_be_cut = len(lengths) == 1 and ids[first + 1 : end].any()
        assert cut_documents[document + 1] - cut_documents[document] == len(lengths) + can_be_cut


def test_every_word_boundary_is_cut_as_often():
    sentences, documents = starts([[6]] * 3000)
    ids = np.tile(np.array([1, 0, 1, 1, 0, 1], np.int32), 3000)
    cuts, _ = split_lone_sentences(ids, sentences, documents, np.array([False, True]), np.uint64(1))
    where = np.bincount(cuts[cuts % 6 != 0] % 6, minlength=6)
    assert where[[0, 1, 4]].sum() == 0
    assert (abs(where[[2, 3, 5]] - 1000) < 130).all()
