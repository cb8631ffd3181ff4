import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.instances.full_sentences import plan_full_sentences, plan_full_sentences_plainly
from beam_jobs.instances.rows import PLANNED_INSTANCE

corpora = st.lists(st.lists(st.integers(1, 60), min_size=1, max_size=8), min_size=1, max_size=6)  # sentence lengths


def starts(corpus):
    sentences = [length for document in corpus for length in document]
    return np.cumsum([0, *sentences], dtype=np.int64), np.cumsum([0, *map(len, corpus)], dtype=np.int64)


def plan(corpus, room, short_seq_prob=0.0, key=1):
    rows = np.zeros(int(starts(corpus)[0][-1]), PLANNED_INSTANCE)
    return rows[: plan_full_sentences(*starts(corpus), np.uint64(key), room, short_seq_prob, rows)]


@given(corpora, st.integers(0, 2**64 - 1), st.integers(6, 130), st.sampled_from([0.0, 0.5]))
@settings(max_examples=150, deadline=None)
def test_the_kernel_plans_what_the_plain_version_plans(corpus, key, room, short_seq_prob):
    plain = plan_full_sentences_plainly(*starts(corpus), key, room, short_seq_prob)
    assert plan(corpus, room, short_seq_prob, key).tolist() == plain.tolist()


@given(corpora, st.integers(0, 2**64 - 1), st.integers(6, 130), st.sampled_from([0.0, 0.5]))
@settings(max_examples=100, deadline=None)
def test_every_piece_is_in_one_instance_and_all_fit(corpus, key, room, short_seq_prob):
    rows = plan(corpus, room, short_seq_prob, key)
    ends = rows["a_start"] + rows["a_length"]
    assert rows["a_start"].tolist() == [0, *ends[:-1].tolist()]
    assert ends[-1] == sum(map(sum, corpus))
    assert (rows["a_length"].astype(int) + rows["separators"] <= room).all()
    assert not rows["b_length"].any()
    document_ends = np.cumsum([sum(document) for document in corpus])
    first = np.searchsorted(document_ends, rows["a_start"], side="right")
    last = np.searchsorted(document_ends, ends - 1, side="right")
    assert rows["b_start"].tolist() == first.tolist()
    assert rows["separators"].tolist() == (last - first).tolist()


def test_as_many_sentences_as_fit_across_documents():
    rows = plan([[5, 5], [4, 3], [20, 1]], room=10)
    assert [(row["a_start"], row["a_length"], row["separators"]) for row in rows] == [
        (0, 10, 0),
        (10, 7, 0),  # with 3 of the next document and a separator it would be 11 and more
        (17, 10, 0),  # the sentence of 20 pieces in two parts
        (27, 10, 0),
        (37, 1, 0),
    ]
    assert plan([[5], [4]], room=10)["separators"].tolist() == [1]
    assert plan([[5], [5]], room=10)["separators"].tolist() == [0, 0]
