import dataclasses

import numpy as np
import pytest

from beam_jobs.errors import UserError
from beam_jobs.instances.plan_rows import plan_rows
from beam_jobs.records.counter_random import path_key
from beam_jobs.settings import InstanceSettings

KEY = path_key(7)
SETTINGS = InstanceSettings(max_seq_length=16, max_predictions_per_seq=3, dupe_factor=3)
TEXT = [[[True] * 4, [True] * 5, [True] * 9], [[True] * 30], [[True]], [[True] * 3, [True] * 3]]


@pytest.fixture
def plan(numbered):
    def make(text=TEXT, **changes):
        shard, vocabulary = numbered(text)
        return plan_rows(shard, vocabulary, dataclasses.replace(SETTINGS, **changes), KEY)

    return make


@pytest.mark.parametrize("objective", ["nsp", "sop", "full_sentences"])
def test_copies_follow_each_other_and_the_first_does_not_hang_on_their_number(plan, objective):
    one, three = plan(objective=objective, dupe_factor=1), plan(objective=objective)
    assert three.rows[: len(one.rows)].tolist() == one.rows.tolist()
    assert len(three.rows) > 2 * len(one.rows)
    assert plan(objective=objective, masking="dynamic").rows.tolist() == one.rows.tolist()


@pytest.mark.parametrize(("objective", "room"), [("nsp", 13), ("sop", 13), ("full_sentences", 14)])
def test_the_room_is_what_the_special_pieces_leave(plan, objective, room):
    rows = plan(objective=objective, short_seq_prob=0.0, dupe_factor=9).rows
    total = rows["a_length"].astype(int) + rows["b_length"] + rows["separators"]
    assert total.max() == room


@pytest.mark.parametrize(("objective", "aside"), [("nsp", 0), ("sop", 1), ("full_sentences", 0)])
def test_a_single_word_is_set_aside_where_it_cannot_be_cut(plan, objective, aside):
    assert plan(objective=objective).documents_set_aside == aside


def test_what_truncation_takes_is_counted_over_all_copies(plan):
    planned = plan([[[True] * 100, [True] * 100]] * 2, objective="sop", dupe_factor=4, short_seq_prob=0.0)
    assert planned.truncated_pieces == 4 * 2 * (200 - 13)


def test_full_sentences_lose_nothing(plan):
    planned = plan(objective="full_sentences", dupe_factor=2, short_seq_prob=0.0)
    pieces = sum(len(sentence) for document in TEXT for sentence in document)
    used = np.zeros(pieces, int)
    for row in planned.rows:
        used[row["a_start"] : row["a_start"] + row["a_length"]] += 1
    assert (used == 2).all()
    assert planned.truncated_pieces == 0


def test_given_pairs_are_those_of_the_records_in_every_copy(plan):
    text = [[[True] * 3, [True] * 4], [[True] * 2], [[True] * 20, [True] * 20]]
    planned = plan(text, objective="pairs_given", dupe_factor=3)
    assert [(row["a_start"], row["a_length"], row["b_start"], row["b_length"]) for row in planned.rows] == [
        (0, 3, 3, 4),
        (9, 7, 29, 6),
    ] * 3
    assert planned.truncated_pieces == 3 * (40 - 13)
    assert planned.documents_set_aside == 1  # it has one text
    assert not planned.rows["label"].any()


def test_a_second_text_of_another_record_is_drawn_for_each_copy(plan):
    rows = plan([[[True] * 3, [True] * 4]] * 40, objective="pairs_matching", dupe_factor=2).rows
    assert (rows["label"] == (rows["b_start"] != rows["a_start"] + 3)).all()
    assert 20 < rows["label"].sum() < 60
    assert rows["b_start"][:40].tolist() != rows["b_start"][40:].tolist()


def test_documents_of_more_than_two_texts_are_no_pairs(plan):
    with pytest.raises(
        UserError, match=r"a document of 3 sentences is among the input.*--pair_field of the segment job"
    ):
        plan(objective="pairs_given")
