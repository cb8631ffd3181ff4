import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.instances.encode import encode_example
from beam_jobs.records.frame_reader import Records
from trainer.data.parse import Shape, is_dynamic, parse

SHAPE = Shape(8, 3, 1000)


def classic(**changes):
    """The features of an instance of six pieces."""
    return {
        "input_ids": [101, 7, 300, 102, 999, 102, 0, 0],
        "input_mask": [1, 1, 1, 1, 1, 1, 0, 0],
        "segment_ids": [0, 0, 0, 0, 1, 1, 0, 0],
        "masked_lm_positions": [2, 4, 0],
        "masked_lm_ids": [200, 300, 0],
        "masked_lm_weights": np.array([1, 1, 0], np.float32),
        "next_sentence_labels": [1],
        **changes,
    }


def dynamic(**changes):
    starts = bytes([0b101101])
    return {
        "input_ids": [101, 7, 300, 102, 999, 102],
        "segment_lengths": [4, 2],
        "word_starts": starts,
        "next_sentence_labels": [1],
        **changes,
    }


def encode(features):
    return encode_example(
        {name: value for name, value in features.items() if value is not None},
        [n for n, v in features.items() if v is not None],
    )


def wire(*records):
    ends = np.cumsum([len(record) for record in records])
    starts = np.concatenate(([0], ends[:-1]))
    return Records(np.frombuffer(b"".join(records), np.uint8), starts.astype(np.int64), ends.astype(np.int64))


def parse_all(*records, faults=None, shape=SHAPE, labels=True):
    is_new = is_dynamic(np.frombuffer(records[0], np.uint8))

    def fault(i, why):
        if faults is None:
            pytest.fail(f"{i}: {why}")
        faults[i] = why

    rows = np.arange(len(records))
    return parse(wire(*records), rows, len(records), shape, dynamic=is_new, labels=labels, fault=fault)


def test_a_classic_record():
    found = parse_all(encode(classic()))
    assert found.ids.tolist() == [classic()["input_ids"]]
    assert found.mask.tolist() == [classic()["input_mask"]]
    assert found.segments.tolist() == [classic()["segment_ids"]]
    assert found.positions.tolist() == [[2, 4, 0]]
    assert found.originals.tolist() == [[200, 300, 0]]
    assert found.weights.tolist() == [[1.0, 1.0, 0.0]]
    assert found.labels.tolist() == [[1]]


def test_a_dynamic_record():
    found = parse_all(encode(dynamic()))
    assert found.ids.tolist() == [[*dynamic()["input_ids"], 0, 0]]
    assert found.lengths.tolist() == [[4, 2]]
    assert found.starts.tolist() == [[0b101101]]


def test_names_of_model_garden_and_features_of_no_concern():
    features = classic()
    features["input_word_ids"] = features.pop("input_ids")
    features["input_type_ids"] = features.pop("segment_ids")
    features["unique_id"] = b"whatever"
    features["scores"] = np.ones(3, np.float32)
    found = parse_all(encode(features))
    assert found.ids.tolist() == [classic()["input_ids"]]
    assert found.segments.tolist() == [classic()["segment_ids"]]


def test_fewer_predictions_than_the_phase_has_are_padded():
    found = parse_all(encode(classic()), shape=Shape(8, 5, 1000))
    assert found.positions.tolist() == [[2, 4, 0, 0, 0]]
    assert found.weights.tolist() == [[1.0, 1.0, 0.0, 0.0, 0.0]]


def test_values_that_are_not_packed():
    tf = pytest.importorskip("tensorflow")
    example = tf.train.Example()
    for name, values in classic().items():
        kind = (
            example.features.feature[name].float_list
            if name.endswith("weights")
            else example.features.feature[name].int64_list
        )
        kind.value.extend(values)
    packed = example.SerializeToString()
    assert parse_all(packed).ids.tolist() == [classic()["input_ids"]]
    ids = b"".join(b"\x08" + varint(value) for value in classic()["input_ids"])  # field 1, one varint each
    entry = field(0x0A, field(0x0A, b"input_ids") + field(0x12, field(0x1A, ids)))
    rest = encode(classic(input_ids=None))
    assert rest[0] == 0x0A
    body = rest[1 + len(varint(len(rest) - 3)) :] if len(rest) > 130 else rest[2:]
    assert parse_all(field(0x0A, body + entry)).ids.tolist() == [classic()["input_ids"]]


def field(tag, value):
    return bytes([tag]) + varint(len(value)) + value


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (
            classic(input_ids=[1] * 9, input_mask=[1] * 9, segment_ids=[0] * 9),
            "9 pieces, but the phase has sequence_length 8",
        ),
        (
            classic(input_ids=[1] * 7, input_mask=[1] * 7, segment_ids=[0] * 7),
            "7 pieces, but the phase has sequence_length 8",
        ),
        (
            classic(masked_lm_positions=[1] * 4, masked_lm_ids=[1] * 4, masked_lm_weights=np.ones(4, np.float32)),
            "set max_predictions = 4",
        ),
        (classic(masked_lm_weights=np.array([1, np.nan, 0], np.float32)), "masked_lm_weights are 1, nan, 0"),
        (classic(masked_lm_weights=np.array([1, np.inf, 0], np.float32)), "masked_lm_weights are 1, inf, 0"),
        (classic(masked_lm_weights=np.array([1, -1, 0], np.float32)), "masked_lm_weights are 1, -1, 0"),
        (classic(input_ids=[101, 7, 1000, 102, 9, 102, 0, 0]), "piece id 1000"),
        (classic(masked_lm_ids=[5000, 1, 0]), "piece id 5000"),
        (classic(input_ids=[2**64 - 1, 7, 1, 102, 9, 102, 0, 0]), "piece id 2147483647"),
        (classic(next_sentence_labels=None), "no next_sentence_labels"),
        (
            classic(masked_lm_positions=None, masked_lm_ids=None, masked_lm_weights=None),
            "it has no masked_lm_positions, masked_lm_ids, masked_lm_weights",
        ),
        (classic(masked_lm_positions=[2, 8, 0]), "contradict"),
        (classic(input_mask=[1] * 6), "contradict"),
        (classic(segment_ids=[0, 0, 0, 0, 2, 2, 0, 0]), "it has a segment 2, but the model's type_vocab_size is 2"),
        (classic(segment_ids=[0, 0, 0, 0, 2**64 - 1, 1, 0, 0]), "contradict"),
        (dynamic(input_ids=[1] * 9, segment_lengths=[5, 4], word_starts=bytes(2)), "9 pieces"),
        (dynamic(segment_lengths=[4, 1]), "contradict"),
        (dynamic(word_starts=bytes(2)), "contradict"),
    ],
)
def test_a_record_that_does_not_fit_is_told_and_left_empty(record, why):
    good = encode(dynamic() if "word_starts" in record else classic())
    faults = {}
    found = parse_all(good, encode(record), good, faults=faults)
    assert list(faults) == [1]
    assert why in faults[1]
    assert found.good.tolist() == [True, False, True]
    assert not found.ids[1].any()
    assert found.ids[2].any()


def test_labels_may_lack_when_nothing_trains_on_them():
    assert parse_all(encode(classic(next_sentence_labels=None)), labels=False).good.all()


def test_what_is_no_example_is_told_and_left_empty():
    good = encode(classic())
    faults = {}
    found = parse_all(good, good[:-1], b"", b"\xff" * 12, encode(classic(input_ids=b"text")), good, faults=faults)
    assert sorted(faults) == [1, 2, 3, 4]
    assert found.good.tolist() == [True, False, False, False, False, True]
    assert not found.ids[1:5].any()


@given(place=st.integers(0, 10**6), byte=st.integers(0, 255), kind=st.sampled_from([classic, dynamic]))
def test_any_byte_may_be_wrong(place, byte, kind):
    good = encode(kind())
    spoilt = bytearray(good)
    spoilt[place % len(spoilt)] = byte
    faults = {}
    found = parse_all(good, bytes(spoilt), good, faults=faults)
    assert set(faults) <= {1}
    assert found.good[1] == (not faults)
    assert np.array_equal(found.ids[0], found.ids[2])
    assert found.ids.max() < 1000


@pytest.mark.parametrize(
    ("record", "one_segment"),
    [
        (classic(), False),
        (classic(segment_ids=[0] * 8), True),
        (dynamic(), False),
        (dynamic(segment_lengths=[6, 0]), True),
    ],
)
def test_a_model_with_one_row_of_segments_takes_records_with_one_segment(record, one_segment):
    faults = {}
    parse_all(encode(record), shape=Shape(8, 3, 1000, segments=1), faults=faults)
    assert bool(faults) != one_segment
    assert one_segment or "it has a segment 1, but the model's type_vocab_size is 1" in faults[0]


@pytest.mark.parametrize("features", [{}, {"input_ids": [1]}, classic(masked_lm_ids=None)])
def test_a_record_that_is_no_instance(features):
    with pytest.raises(ValueError, match="it has no"):
        is_dynamic(np.frombuffer(encode(features), np.uint8))
