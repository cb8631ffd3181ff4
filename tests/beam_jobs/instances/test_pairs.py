import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.instances.lone_sentences import split_lone_sentences
from beam_jobs.instances.pairs import Draws, pair_rules, plan_pairs_plainly, truncate_pair_plainly
from beam_jobs.instances.pairs_kernel import _truncated_lengths, plan_pairs
from beam_jobs.instances.rows import PLANNED_INSTANCE
from beam_jobs.records.counter_random import path_key
from beam_jobs.settings.objectives import OBJECTIVES, Pairs

corpora = st.lists(st.lists(st.integers(1, 60), min_size=1, max_size=8), min_size=1, max_size=6)  # sentence lengths
keys = st.integers(0, 2**64 - 1)


def starts(corpus: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    sentences = [length for document in corpus for length in document]
    return np.cumsum([0, *sentences], dtype=np.int64), np.cumsum([0, *map(len, corpus)], dtype=np.int64)


NSP, SOP = OBJECTIVES["nsp"].pairs, OBJECTIVES["sop"].pairs
THREE_WAYS = Pairs(random=1 / 3, random_label=2, swapped=0.5, swapped_label=1)  # follows, swapped or random
all_pairs = st.sampled_from([NSP, SOP, THREE_WAYS, Pairs(random=0.9, random_label=5), Pairs()])


def plan(corpus, key, room=61, short_seq_prob=0.1, sop=False, fixed=True, pairs=None):
    sentences, documents = starts(corpus)
    rows = np.zeros(len(sentences), PLANNED_INSTANCE)
    rules = pair_rules(pairs or (SOP if sop else NSP), room, short_seq_prob, fixed)
    count, cut, aside = plan_pairs(sentences, documents, np.uint64(key), rules, rows)
    return rows[:count], cut, aside


def document_of(corpus, piece):
    return np.searchsorted(np.cumsum([sum(document) for document in corpus]), piece, side="right")


@given(corpora, keys, st.integers(5, 130), st.sampled_from([0.0, 0.3, 1.0]), all_pairs, st.booleans())
@settings(max_examples=250, deadline=None)
def test_the_kernel_plans_what_the_plain_version_plans(corpus, key, room, short_seq_prob, pairs, fixed):
    rows, cut, aside = plan(corpus, key, room, short_seq_prob, fixed=fixed, pairs=pairs)
    plain_rows, plain_cut, plain_aside = plan_pairs_plainly(
        *starts(corpus), key, pair_rules(pairs, room, short_seq_prob, fixed)
    )
    assert rows.tolist() == plain_rows.tolist()
    assert (cut, aside) == (plain_cut, plain_aside)


@given(corpora, keys, st.integers(5, 130), st.booleans())
@settings(max_examples=150, deadline=None)
def test_true_pairs_are_neighbours_and_random_ones_come_from_another_document(corpus, key, room, sop):
    rows, cut, _ = plan(corpus, key, room, sop=sop)
    assert (cut > 0) == rows["truncated"].any()
    for row in rows:
        a, b = (int(row["a_start"]), int(row["a_length"])), (int(row["b_start"]), int(row["b_length"]))
        assert a[1] > 0
        assert b[1] > 0
        assert a[1] + b[1] <= room
        documents = [document_of(corpus, start) for start, _ in (a, b)]
        for (start, length), document in zip((a, b), documents, strict=True):
            assert document_of(corpus, start + length - 1) == document
        if row["label"] and not sop:
            assert documents[0] != documents[1]
        else:
            first, second = (b, a) if row["label"] else (a, b)
            assert documents[0] == documents[1]
            if row["truncated"]:
                assert first[0] + first[1] <= second[0]
            else:
                assert first[0] + first[1] == second[0]


@given(corpora, keys, st.booleans(), st.booleans())
@settings(max_examples=100, deadline=None)
def test_no_sentence_is_lost_when_there_is_room(corpus, key, sop, fixed):
    rows, cut, aside = plan(corpus, key, room=4000, sop=sop, fixed=fixed)
    assert cut == 0
    used = np.zeros(sum(map(sum, corpus)), bool)
    for row in rows:
        used[row["a_start"] : row["a_start"] + row["a_length"]] = True
        if not row["label"] or (sop and fixed):
            used[row["b_start"] : row["b_start"] + row["b_length"]] = True
    set_aside = [sum(document) for document in corpus if len(document) == 1 and fixed and (sop or len(corpus) == 1)]
    assert aside == len(set_aside)
    if not sop or fixed:
        assert used.sum() == len(used) - sum(set_aside)


@given(st.integers(1, 300), st.integers(1, 300), st.integers(5, 260))
@settings(max_examples=300, deadline=None)
def test_truncated_lengths_are_those_of_cutting_one_piece_at_a_time(a_length, b_length, room):
    a, b = truncate_pair_plainly((0, a_length), (1000, 1000 + b_length), room, Draws(1))
    if a_length + b_length > room:
        assert _truncated_lengths(a_length, b_length, room) == (a[1] - a[0], b[1] - b[0])
    else:
        assert (a, b) == ((0, a_length), (1000, 1000 + b_length))


def test_truncation_takes_half_from_the_front_and_half_from_the_back():
    rows = np.concatenate([plan([[90, 90]] * 50, path_key(seed), room=60, short_seq_prob=0)[0] for seed in range(40)])
    offsets = rows["a_start"] % 180 % 90  # 60 of the 90 pieces of A go
    assert abs(offsets.mean() - 30) < 0.3
    assert abs(offsets.std() - np.sqrt(60 / 4)) < 0.2  # binomial: each piece has its own coin


@pytest.mark.parametrize(
    "corpus",
    [[[20, 20, 20, 20, 20, 20]] * 40, [[200] * 10] * 25, [[10]] * 200, [[10, 10]] * 100, [[30, 30, 30], [7]] * 50],
    ids=["usual", "long sentences", "one sentence", "two sentences", "mixed"],
)
def test_half_of_the_pairs_are_random_whatever_the_documents_look_like(corpus):
    labels = []
    for seed in range(60):
        sentences, documents = starts(corpus)
        ids = np.zeros(sentences[-1], np.int32)
        sentences, documents = split_lone_sentences(ids, sentences, documents, np.ones(1, bool), np.uint64(seed))
        rows = np.zeros(len(sentences), PLANNED_INSTANCE)
        rules = pair_rules(NSP, 61, 0.1, fixed=True)
        count, _, aside = plan_pairs(sentences, documents, np.uint64(path_key(seed)), rules, rows)
        assert aside == 0
        labels += rows["label"][:count].tolist()
    # A document's chunks depend on each other's labels, since what is left of a chunk is put back.
    assert abs(np.mean(labels) - 0.5) < 0.02


def test_the_original_makes_every_single_sentence_chunk_random():
    rows, _, aside = plan([[10]] * 20, 7, fixed=False)
    assert rows["label"].tolist() == [1] * 20
    assert aside == 0
    rows, _, _ = plan([[200] * 10] * 20, 7, fixed=False)
    assert rows["label"].all()


def test_the_original_takes_a_document_alone_as_its_own_random_next():
    rows, _, _ = plan([[5] * 200], 7, fixed=False)
    assert 0.2 < rows["label"].mean() < 0.8
    assert ((rows["b_start"] >= 0) & (rows["b_start"] < 1000)).all()


def test_a_document_alone_in_its_shard_has_true_pairs_only():
    rows, _, aside = plan([[5] * 200], 7)
    assert len(rows) > 10
    assert not rows["label"].any()
    assert aside == 0


def test_a_single_word_has_a_random_next_segment_or_none_at_all():
    rows, _, aside = plan([[1], [3, 3, 3]], 7)
    assert rows[0]["label"] == 1
    assert aside == 0
    rows, _, aside = plan([[1], [3, 3, 3]], 7, sop=True)
    assert (rows["a_start"] > 0).all()
    assert aside == 1
    rows, _, aside = plan([[1]], 7)
    assert len(rows) == 0
    assert aside == 1


def test_half_of_the_sentence_orders_are_swapped():
    rows = np.concatenate([plan([[20] * 7] * 30, path_key(seed), sop=True)[0] for seed in range(40)])
    assert abs(rows["label"].mean() - 0.5) < 0.03
    swapped = rows["label"] == 1
    assert (rows["b_start"][swapped] < rows["a_start"][swapped]).all()
    assert (rows["b_start"][~swapped] > rows["a_start"][~swapped]).all()


def test_an_objective_with_three_labels_has_pairs_of_all_three_kinds():
    corpus = [[20] * 7] * 30
    rows = np.concatenate([plan(corpus, path_key(seed), pairs=THREE_WAYS)[0] for seed in range(60)])
    shares = np.bincount(rows["label"], minlength=3) / len(rows)
    assert abs(shares - 1 / 3).max() < 0.03
    a, b = (np.array([document_of(corpus, start) for start in rows[name]]) for name in ("a_start", "b_start"))
    assert ((a == b) == (rows["label"] != 2)).all()
    same = rows[rows["label"] != 2]
    assert ((same["b_start"] < same["a_start"]) == (same["label"] == 1)).all()


def test_short_targets_are_uniform():
    sentences, documents = starts([[1] * 300] * 2000)
    rows = np.zeros(len(sentences), PLANNED_INSTANCE)
    count, _, _ = plan_pairs(sentences, documents, np.uint64(3), pair_rules(NSP, 61, 1.0, fixed=False), rows)
    of_document = rows["a_start"][:count] // 300
    firsts = rows[np.searchsorted(of_document, np.arange(2000))]
    true = firsts[firsts["label"] == 0]
    lengths = true["a_length"].astype(int) + true["b_length"]
    assert lengths.min() == 2
    assert lengths.max() == 61
    assert abs(lengths.mean() - 31.5) < 2.5


def test_a_copy_is_a_function_of_its_key():
    corpus = [[9, 30, 12], [40, 2], [11] * 30]
    assert plan(corpus, 5)[0].tolist() == plan(corpus, 5)[0].tolist()
    assert plan(corpus, 5)[0].tolist() != plan(corpus, 6)[0].tolist()


def test_hostile_lengths_end():
    """A sentence of millions of pieces: truncation counts coins 64 at a time."""
    rows, cut, _ = plan([[3_000_000], [5, 2_000_000, 5], [1] * 50_000], 7, room=125)
    assert (rows["a_length"].astype(int) + rows["b_length"] <= 125).all()
    assert cut > 3_000_000
