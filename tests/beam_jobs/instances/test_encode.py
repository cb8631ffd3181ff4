"""The plain encoder: bytes written down by hand from the wire format, and what protocol buffers read."""

import numpy as np
import pytest

from beam_jobs.instances.encode import (
    CLASSIC_ORDER,
    DYNAMIC_ORDER,
    encode_entry,
    encode_example,
    frame_record,
    varint,
)
from beam_jobs.records import CLASSIC_FEATURES, DYNAMIC_FEATURES


def test_every_feature_is_written_and_the_pieces_last():
    assert CLASSIC_ORDER == (
        "masked_lm_weights",
        "next_sentence_labels",
        "input_mask",
        "segment_ids",
        "masked_lm_positions",
        "masked_lm_ids",
        "input_ids",
    )
    assert DYNAMIC_ORDER == ("next_sentence_labels", "segment_lengths", "word_starts", "input_ids")
    assert set(CLASSIC_ORDER) == set(CLASSIC_FEATURES)
    assert set(DYNAMIC_ORDER) == set(DYNAMIC_FEATURES)


@pytest.mark.parametrize(
    ("values", "feature"),
    [
        ([1, 300], b"\x1a\x05\x0a\x03\x01\xac\x02"),  # int64_list = 3, packed
        (np.array([1, 0.5], np.float32), b"\x12\x0a\x0a\x08\x00\x00\x80\x3f\x00\x00\x00\x3f"),  # float_list = 2
        (b"\x05\x06", b"\x0a\x04\x0a\x02\x05\x06"),  # bytes_list = 1
    ],
)
def test_an_entry_of_the_map(values, feature):
    entry = b"\x0a\x01a\x12" + bytes([len(feature)]) + feature
    assert encode_entry("a", values) == b"\x0a" + bytes([len(entry)]) + entry


def test_an_example_has_the_entries_in_the_order_asked_for():
    features = {"a": [1], "b": [2]}
    entries = encode_entry("b", [2]) + encode_entry("a", [1])
    assert encode_example(features, ("b", "a")) == b"\x0a" + bytes([len(entries)]) + entries


def test_a_frame_is_length_record_and_two_checksums():
    """As TensorFlow's own writer frames these three bytes."""
    assert frame_record(b"abc").hex() == "0300000000000000" + "b099490e" + "616263" + "6e57f121"


def test_varints():
    assert [varint(value) for value in (0, 127, 128, 300, 16384)] == [
        b"\x00",
        b"\x7f",
        b"\x80\x01",
        b"\xac\x02",
        b"\x80\x80\x01",
    ]
