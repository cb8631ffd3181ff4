"""Which rows of a batch are flagged; that the rules are those of invariants.py, test_invariants.py holds for each of them."""

import io

import numpy as np
import pytest

from beam_jobs.decoding.decode import decode_instance
from beam_jobs.decoding.decode_batch import decode_batch
from beam_jobs.decoding.flag_batch import find_violations
from beam_jobs.decoding.invariants import check_instance
from beam_jobs.records.tfrecord_stream import read_record_batches

WRONG = [
    {"input_mask": [1] * 10 + [0] * 3 + [1]},
    {"segment_ids": [0, 1] * 7},
    {"segment_ids": [2] + [0] * 5 + [1] * 5 + [0] * 3},
    {"next_sentence_labels": [2]},
    {"next_sentence_labels": [0, 1]},
    {"masked_lm_positions": [6, 2, 8, 0]},
    {"masked_lm_positions": [2, 6, 11, 0]},
    {"masked_lm_positions": [2, 6, 8, 1]},
    {"masked_lm_ids": [6, 7, 15, 0]},
    {"masked_lm_ids": [6, 7, 4, 0]},
    {"masked_lm_weights": [1.0, 0.0, 1.0, 0.0]},
    {"masked_lm_weights": [1.0, 1.0, 0.5, 0.0]},
    {"input_ids": [8, 8, 4, 10, 13, 3, 7, 9, 6, 13, 3, 0, 0, 0]},
    {"input_ids": [2, 8, 4, 10, 13, 3, 7, 9, 6, 13, 13, 0, 0, 0]},
    {"input_ids": [2, 8, 4, 10, 13, 3, 7, 3, 6, 13, 3, 0, 0, 0]},
    {"input_ids": [2, 8, 4, 10, 13, 3, 7, 9, 6, 13, 3, 5, 0, 0]},
    {"input_ids": [2, 4, 4, 10, 13, 3, 7, 9, 6, 13, 3, 0, 0, 0]},
]


def batch_of(records, frame):
    (batch,) = read_record_batches(io.BytesIO(frame(records)), "shard")
    return decode_batch(batch, "shard")


@pytest.mark.parametrize("changes", WRONG)
def test_the_wrong_rows_among_right_ones_are_flagged(changes, serialise, frame, classic, small_vocabulary):
    right, wrong = serialise(classic()), serialise(classic(**changes))
    batch = batch_of([right, wrong, right, right, wrong], frame)
    assert find_violations(batch, small_vocabulary).tolist() == [False, True, False, False, True]
    assert check_instance(decode_instance(wrong), small_vocabulary)


def test_a_predicted_mask_is_no_violation_and_what_stands_there_may_be_anything(
    serialise, frame, classic, small_vocabulary
):
    batch = batch_of([serialise(classic(input_ids=[2, 8, 3, 10, 13, 3, 4, 9, 0, 13, 3, 0, 0, 0]))], frame)
    assert not find_violations(batch, small_vocabulary).any()


@pytest.mark.parametrize(
    "changes",
    [
        {"segment_lengths": [6, 4]},
        {"segment_lengths": [12, -1]},
        {"segment_lengths": [11]},
        {"word_starts": [bytes([0b11110111])]},
        {"word_starts": [bytes([0b11110111, 0b00001110])]},  # a bit behind the end
        {"word_starts": [bytes([0b11010111, 0b00000110])]},  # [SEP] begins no word
    ],
)
def test_dynamic_rows(changes, serialise, frame, dynamic, small_vocabulary):
    batch = batch_of([serialise(dynamic()), serialise(dynamic(**changes))], frame)
    found = find_violations(batch, small_vocabulary)
    assert found.dtype == np.bool_
    assert found.tolist() == [False, True]
