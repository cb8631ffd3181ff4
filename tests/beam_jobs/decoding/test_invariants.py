import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.decoding.decode import decode_instance
from beam_jobs.decoding.decode_batch import decode_batch
from beam_jobs.decoding.flag_batch import find_violations
from beam_jobs.decoding.invariants import check_instance
from beam_jobs.records.tfrecord_stream import read_record_batches


@pytest.fixture(scope="module")
def check(serialise, frame, small_vocabulary):
    """What is wrong with an instance, in words; the compiled rules must agree."""

    def violations(features):
        record = serialise(features)
        (batch,) = read_record_batches(io.BytesIO(frame([record])), "shard")
        wrong = check_instance(decode_instance(record), small_vocabulary)
        assert find_violations(decode_batch(batch, "shard"), small_vocabulary).tolist() == [bool(wrong)], wrong
        return wrong

    return violations


def test_right_instances_pass(check, classic, dynamic):
    assert check(classic()) == []
    assert check(dynamic()) == []
    assert check(classic(next_sentence_labels=[0], segment_ids=[0] * 6 + [1] * 5 + [0] * 3)) == []
    one_segment = {
        "input_ids": [2, 4, 3, 7, 3, 0],  # packed documents: a [SEP] in between
        "input_mask": [1] * 5 + [0],
        "segment_ids": [0] * 6,
        "masked_lm_positions": [1, 0],
        "masked_lm_ids": [9, 0],
        "masked_lm_weights": [1.0, 0.0],
    }
    assert check(one_segment) == []


def test_any_piece_may_replace_a_predicted_one(check, classic):
    """The original generator draws replacements from the whole vocabulary, [CLS] and [SEP] included."""
    for piece in range(15):
        ids = classic()["input_ids"]
        ids[2] = piece
        assert check(classic(input_ids=ids)) == []


WRONG = {
    "input_mask has 13 values, input_ids has 14": {"input_mask": [1] * 11 + [0] * 2},
    "masked_lm_ids has 3 values": {"masked_lm_ids": [6, 7, 11]},
    "input_mask is not ones followed by zeros": {"input_mask": [1] * 10 + [0, 1, 0, 0]},
    "only 2 pieces": {"input_mask": [1, 1] + [0] * 12, "input_ids": [2, 3] + [0] * 12, "segment_ids": [0] * 14},
    "segment_ids is not zeros followed by ones": {"segment_ids": [0] * 6 + [1, 1, 0, 1, 1] + [0] * 3},
    "segment_ids is not 0 over the padding": {"segment_ids": [0] * 6 + [1] * 6 + [0] * 2},
    "input_ids is not 0 over the padding": {"input_ids": [2, 8, 4, 10, 13, 3, 7, 9, 6, 13, 3, 0, 7, 0]},
    "input_ids[1] is 15, outside the vocabulary of 15": {"input_ids": [2, 15, 4, 10, 13, 3, 7, 9, 6, 13, 3, 0, 0, 0]},
    "input_ids[1] is -1, outside": {"input_ids": [2, -1, 4, 10, 13, 3, 7, 9, 6, 13, 3, 0, 0, 0]},
    "masked_lm_ids[0] is 99, outside": {"masked_lm_ids": [99, 7, 11, 0]},
    "masked_lm_weights is not ones": {"masked_lm_weights": [1.0, 0.0, 1.0, 0.0]},
    "masked_lm_weights is not": {"masked_lm_weights": [1.0, 0.5, 1.0, 0.0]},
    "is not 0 over the padding": {"masked_lm_positions": [2, 6, 8, 9]},
    "positions do not ascend": {"masked_lm_positions": [6, 2, 8, 0]},
    "ascend": {"masked_lm_positions": [2, 2, 8, 0]},
    "position 11 is predicted, but there are 11 pieces": {"masked_lm_positions": [2, 6, 11, 0]},
    "position -1 is predicted": {"masked_lm_positions": [-1, 6, 8, 0]},
    "[SEP] is predicted": {"masked_lm_positions": [2, 5, 8, 0], "masked_lm_ids": [6, 3, 11, 0]},
    "[MASK] is predicted": {"masked_lm_ids": [6, 4, 11, 0]},
    "[CLS] is not the first piece": {"input_ids": [8, 8, 4, 10, 13, 3, 7, 9, 6, 13, 3, 0, 0, 0]},
    "or stands twice": {"input_ids": [2, 2, 4, 10, 13, 3, 7, 9, 6, 13, 3, 0, 0, 0]},
    "[SEP] is not at the end of both": {"input_ids": [2, 8, 4, 10, 3, 13, 7, 9, 6, 13, 3, 0, 0, 0]},
    "and only there": {"input_ids": [2, 8, 4, 3, 13, 3, 7, 9, 6, 13, 3, 0, 0, 0]},
    "[SEP] is not the last piece": {
        "input_ids": [2, 8, 4, 10, 13, 3, 7, 9, 6, 13, 8, 0, 0, 0],
        "segment_ids": [0] * 14,
    },
    "a segment has no text": {
        "segment_ids": [0] * 10 + [1] + [0] * 3,
        "input_ids": [2, 8, 4, 10, 13, 13, 7, 9, 6, 3, 3, 0, 0, 0],
    },
    "[MASK] at position 3 is not predicted": {"input_ids": [2, 8, 4, 4, 13, 3, 7, 9, 6, 13, 3, 0, 0, 0]},
    "[PAD] at position 3": {"input_ids": [2, 8, 4, 0, 13, 3, 7, 9, 6, 13, 3, 0, 0, 0]},
    "next_sentence_labels is [2]": {"next_sentence_labels": [2]},
    "next_sentence_labels is []": {"next_sentence_labels": []},
    "neither 0 nor 1": {"next_sentence_labels": [0, 1]},
}


@pytest.mark.parametrize("message", WRONG)
def test_each_rule_of_classic_instances(check, classic, message):
    assert any(message in wrong for wrong in check(classic(**WRONG[message])))


WRONG_DYNAMIC = {
    "segment_lengths [6, 4] do not add up to the 11 pieces": {"segment_lengths": [6, 4]},
    "segment_lengths [11]": {"segment_lengths": [11]},
    "segment_lengths [12, -1]": {"segment_lengths": [12, -1]},
    "word_starts has 1 bytes, 11 pieces need 2": {"word_starts": [b"\xff"]},
    "word_starts has bits beyond": {"word_starts": [bytes([0b11110111, 0b00001110])]},
    "word_starts is not set at [CLS] and [SEP]": {"word_starts": [bytes([0b11010111, 0b00000110])]},
    "[MASK] at position 3": {"input_ids": [2, 8, 6, 4, 13, 3, 7, 9, 11, 13, 3]},
}


@pytest.mark.parametrize("message", WRONG_DYNAMIC)
def test_each_rule_of_dynamic_instances(check, dynamic, message):
    assert any(message in wrong for wrong in check(dynamic(**WRONG_DYNAMIC[message])))


CHANGES = st.tuples(
    st.sampled_from(["input_ids", "input_mask", "segment_ids", "masked_lm_positions", "masked_lm_ids"]),
    st.integers(0, 13),
    st.integers(-1, 16),
)


@given(st.lists(CHANGES, max_size=4), st.lists(st.sampled_from([0.0, 1.0, 2.0]), max_size=4))
@settings(max_examples=300, deadline=None)
def test_the_compiled_rules_are_the_same_rules(check, classic, changes, weights):
    features = {name: list(values) for name, values in classic().items()}
    for name, place, value in changes:
        features[name][place % len(features[name])] = value
    features["masked_lm_weights"][: len(weights)] = weights
    check(features)


@given(st.lists(st.integers(0, 16), max_size=20), st.lists(st.integers(-1, 12), max_size=3), st.binary(max_size=4))
@settings(max_examples=200, deadline=None)
def test_the_compiled_rules_are_the_same_for_dynamic_instances(check, dynamic, ids, lengths, words):
    check(dynamic(input_ids=ids, segment_lengths=lengths, word_starts=[words]))
    check(dynamic(segment_lengths=lengths))
    check(dynamic(word_starts=[words]))
