import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.instances.given_pairs import plan_given_pairs, plan_given_pairs_plainly
from beam_jobs.instances.rows import PLANNED_INSTANCE

records = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=1, max_size=12)  # pieces of A and of B


def starts_of(lengths):
    ends = np.cumsum([0, *(length for pair in lengths for length in pair)], dtype=np.int64)
    return ends[np.arange(len(lengths))[:, None] * 2 + np.arange(3)]


def plan(lengths, room, random=0.0, key=1, label=1):
    rows = np.zeros(len(lengths), PLANNED_INSTANCE)
    cut = plan_given_pairs(starts_of(lengths), np.uint64(key), room, random, label, rows)
    return rows, cut


@given(records, st.integers(0, 2**64 - 1), st.integers(5, 70), st.sampled_from([0.0, 0.5, 1.0]))
@settings(max_examples=200, deadline=None)
def test_the_kernel_plans_what_the_plain_version_plans(lengths, key, room, random):
    rows, cut = plan(lengths, room, random, key, label=2)
    plain, plain_cut = plan_given_pairs_plainly(starts_of(lengths), key, room, random, 2)
    assert rows.tolist() == plain.tolist()
    assert cut == plain_cut


@given(records, st.integers(5, 70))
@settings(max_examples=100, deadline=None)
def test_every_record_is_one_instance_in_its_order(lengths, room):
    rows, cut = plan(lengths, room)
    assert rows["a_start"].tolist() == starts_of(lengths)[:, 0].tolist()
    assert rows["b_start"].tolist() == starts_of(lengths)[:, 1].tolist()
    whole = [a + b for a, b in lengths]
    kept = (rows["a_length"].astype(int) + rows["b_length"]).tolist()
    assert kept == [min(length, room) for length in whole]
    assert cut == sum(whole) - sum(kept)
    assert (rows["truncated"] == (np.array(whole) > room)).all()
    assert not rows["label"].any()
    assert not rows["separators"].any()


@pytest.mark.parametrize(
    ("pair", "kept"),
    [
        ((5, 5), (5, 5)),
        ((8, 8), (5, 5)),
        ((3, 20), (3, 7)),
        ((20, 3), (7, 3)),
        ((5, 6), (5, 5)),
        ((6, 5), (5, 5)),
        ((20, 30), (5, 5)),
    ],
)
def test_the_longer_text_loses_pieces_at_its_end(pair, kept):
    (row,), cut = plan([pair], room=10)
    assert (row["a_length"], row["b_length"]) == kept
    assert (row["a_start"], row["b_start"]) == (0, pair[0])
    assert cut == sum(pair) - sum(kept)


def test_a_longer_first_text_keeps_the_odd_piece():
    (row,), _ = plan([(20, 20)], room=11)
    assert (row["a_length"], row["b_length"]) == (6, 5)


def test_half_of_the_second_texts_are_of_another_record_and_each_other_record_is_as_likely():
    lengths = [(2, 3)] * 5
    own, others = 0, np.zeros(5, int)
    for key in range(2000):
        rows, _ = plan(lengths, 10, random=0.5, key=key, label=1)
        first = rows[0]
        taken = (int(first["b_start"]) - 2) // 5
        assert first["label"] == (taken != 0)
        own += taken == 0
        others[taken] += 1
    assert abs(own - 1000) < 4.5 * np.sqrt(2000) / 2
    assert others[0] == own
    assert (abs(others[1:] - 250) < 4.5 * np.sqrt(250)).all()


def test_a_record_alone_keeps_its_own_second_text():
    rows, _ = plan([(2, 3)], 10, random=1.0)
    assert (rows[0]["b_start"], rows[0]["label"]) == (2, 0)
