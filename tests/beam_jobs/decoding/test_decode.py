import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.decoding.decode import MalformedRecordError, decode_instance
from beam_jobs.decoding.parse_example import parse_example

INT64 = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(width=32, allow_nan=False)


@pytest.fixture(scope="module")
def tf():
    return pytest.importorskip("tensorflow")


@given(
    st.dictionaries(
        st.text(max_size=20),
        st.one_of(
            st.lists(INT64, max_size=30).map(lambda v: ("int64_list", v)),
            st.lists(st.integers(0, 130_000), max_size=200).map(lambda v: ("int64_list", v)),
            st.lists(FLOATS, max_size=30).map(lambda v: ("float_list", v)),
            st.lists(st.binary(max_size=40), max_size=5).map(lambda v: ("bytes_list", v)),
        ),
        max_size=8,
    )
)
@settings(max_examples=150, deadline=None)
def test_parses_what_protobuf_serialises(tf, content):
    example = tf.train.Example()
    for name, (kind, values) in content.items():
        getattr(example.features.feature[name], kind).value.extend(values)
    parsed = parse_example(example.SerializeToString())
    assert {name: list(values) for name, values in parsed.items()} == {
        name: list(getattr(example.features.feature[name], kind).value) for name, (kind, _) in content.items()
    }
    for name, (kind, values) in content.items():
        if values and kind != "bytes_list":
            assert parsed[name].dtype == (np.int64 if kind == "int64_list" else np.float32)


def entry(name, feature):
    body = b"\x0a" + bytes([len(name)]) + name.encode() + b"\x12" + bytes([len(feature)]) + feature
    return b"\x0a" + bytes([len(body)]) + body


def features(*entries):
    body = b"".join(entries)
    return b"\x0a" + bytes([len(body)]) + body


UNPACKED = b"\x1a\x06\x08\x05\x08\xac\x02" + b"\x08"  # ends in a field without its value
CASES = {
    "unpacked integers": (features(entry("a", b"\x1a\x05\x08\x05\x08\xac\x02")), [5, 300]),
    "packed and unpacked mixed": (features(entry("a", b"\x1a\x06\x0a\x02\x01\x02\x08\x07")), [1, 2, 7]),
    "two lists of one kind are joined": (features(entry("a", b"\x1a\x03\x0a\x01\x01\x1a\x03\x0a\x01\x02")), [1, 2]),
    "another kind replaces the first": (features(entry("a", b"\x12\x02\x0a\x00\x1a\x03\x0a\x01\x02")), [2]),
    "unpacked floats": (features(entry("a", b"\x12\x0a\x0d\x00\x00\x80\x3f\x0d\x00\x00\x00\x40")), [1.0, 2.0]),
    "the last of two entries": (
        features(entry("a", b"\x1a\x03\x0a\x01\x01"), entry("a", b"\x1a\x03\x0a\x01\x02")),
        [2],
    ),
    "two Features messages": (features(entry("b", b"")) + features(entry("a", b"\x1a\x03\x0a\x01\x01")), [1]),
    "unknown fields": (b"\x10\x05" + features(entry("a", b"\x1a\x03\x0a\x01\x01\x25\x00\x00\x00\x00")), [1]),
    "value before key": (b"\x0a\x0c\x0a\x0a\x12\x05\x1a\x03\x0a\x01\x09\x0a\x01a", [9]),
}


@pytest.mark.parametrize("case", CASES)
def test_other_ways_to_write_the_same(tf, case):
    record, expected = CASES[case]
    assert list(parse_example(record)["a"]) == expected
    feature = tf.train.Example.FromString(record).features.feature["a"]
    assert list(getattr(feature, feature.WhichOneof("kind")).value) == expected


@given(st.binary(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_parsed_or_refused(data):
    with contextlib.suppress(MalformedRecordError):
        parse_example(data)


@pytest.mark.parametrize("cut", [1, 2, 7, 40, 200])
def test_cut_records_are_refused(serialise, classic, cut):
    with pytest.raises(MalformedRecordError):
        parse_example(serialise(classic())[:-cut])


def test_a_classic_instance(serialise, classic):
    instance = decode_instance(serialise(classic()))
    assert (instance.pieces, instance.predictions, instance.is_dynamic) == (11, 3, False)
    assert instance.original_ids().tolist() == [2, 8, 6, 10, 13, 3, 7, 9, 11, 13, 3]
    assert instance.input_ids.tolist() == classic()["input_ids"]
    assert instance.masked_lm_weights.dtype == np.float32


def test_model_garden_names_mean_the_same(serialise, classic):
    renamed = {
        {"input_ids": "input_word_ids", "segment_ids": "input_type_ids"}.get(name, name): values
        for name, values in reversed(classic().items())
    }
    ours, theirs = decode_instance(serialise(classic())), decode_instance(serialise(renamed))
    for name in vars(ours):
        assert np.array_equal(getattr(ours, name), getattr(theirs, name)), name


def test_a_dynamic_instance(serialise, dynamic):
    instance = decode_instance(serialise(dynamic()))
    assert instance.is_dynamic
    assert instance.segment_ids.tolist() == [0] * 6 + [1] * 5
    assert instance.original_ids().tolist() == dynamic()["input_ids"]
    assert instance.word_starts.tolist() == list(dynamic()["word_starts"][0])


def test_what_is_left_out_is_derived(serialise, classic):
    features = classic()
    for name in ("input_mask", "segment_ids", "masked_lm_weights", "next_sentence_labels"):
        del features[name]
    instance = decode_instance(serialise(features))
    assert instance.input_mask.tolist() == classic()["input_mask"]
    assert instance.masked_lm_weights.tolist() == classic()["masked_lm_weights"]
    assert not instance.segment_ids.any()
    assert instance.next_sentence_labels is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input_ids": [1.5]}, "input_ids holds floats"),
        ({"input_mask": [b"1"]}, "input_mask holds bytes"),
        ({"masked_lm_weights": [b"1"]}, "masked_lm_weights holds bytes"),
        ({"word_starts": [1]}, "no segment_lengths"),
        ({"word_starts": [1], "segment_lengths": [1, 2]}, "word_starts holds numbers, not bytes"),
        ({"masked_lm_weights": [1, 1]}, "masked_lm_weights holds integers, not floats"),
    ],
)
def test_features_of_the_wrong_kind(serialise, classic, changes, message):
    with pytest.raises(MalformedRecordError, match=message):
        decode_instance(serialise(classic(**changes)))


def test_other_records_are_no_instances(serialise):
    with pytest.raises(MalformedRecordError, match="no input_ids among its features \\(label, text\\)"):
        decode_instance(serialise({"text": [b"hei"], "label": [1]}))
    with pytest.raises(MalformedRecordError, match="neither masked_lm_positions nor word_starts"):
        decode_instance(serialise({"input_ids": [1]}))
