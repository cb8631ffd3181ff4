import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.decoding.parse_example import parse_example
from beam_jobs.instances.encode import CLASSIC_ORDER, DYNAMIC_ORDER, encode_example, frame_record
from beam_jobs.instances.encode_kernel import classic_template, max_framed_size, write_classic, write_dynamic
from beam_jobs.records import CLASSIC_FEATURES, DYNAMIC_FEATURES

ids = st.one_of(st.integers(1, 127), st.integers(128, 16383), st.integers(16384, 1_000_000))


@st.composite
def classic_instances(draw):
    """(max_seq_length, max_predictions, pieces, b_at, label, positions, originals)"""
    max_seq_length = draw(st.sampled_from([8, 64, 127, 128, 129, 200, 512]))
    max_predictions = draw(st.integers(1, max_seq_length - 1))
    pieces = draw(st.lists(ids, min_size=5, max_size=min(max_seq_length, 150)))
    positions = sorted(draw(st.sets(st.integers(1, max_seq_length - 1), max_size=min(max_predictions, 30))))
    originals = draw(st.lists(ids, min_size=len(positions), max_size=len(positions)))
    b_at = draw(st.integers(2, len(pieces)))
    return max_seq_length, max_predictions, pieces, b_at, draw(st.integers(0, 1)), positions, originals


def classic_features(max_seq_length, max_predictions, pieces, b_at, label, positions, originals):
    def padded(values, size):
        return [*values, *[0] * (size - len(values))]

    return {
        "input_ids": padded(pieces, max_seq_length),
        "input_mask": padded([1] * len(pieces), max_seq_length),
        "segment_ids": padded([0] * b_at + [1] * (len(pieces) - b_at), max_seq_length),
        "masked_lm_positions": padded(positions, max_predictions),
        "masked_lm_ids": padded(originals, max_predictions),
        "masked_lm_weights": np.array(padded([1] * len(positions), max_predictions), np.float32),
        "next_sentence_labels": [label],
    }


def write(max_seq_length, max_predictions, pieces, b_at, label, positions, originals, at=3) -> bytes:
    """The frame that the kernel writes into a buffer of exactly the promised size, with rubbish in it."""
    size = max_framed_size(max_seq_length, max_predictions)
    out = np.full(at + size + 8, 0xEE, np.uint8)
    end = write_classic(
        out,
        at,
        *classic_template(max_seq_length, max_predictions),
        np.array(pieces, np.int32),
        max_seq_length,
        len(pieces),
        b_at,
        label,
        np.array(positions, np.int32),
        np.array(originals, np.int32),
        max_predictions,
        len(positions),
        np.zeros(max_seq_length + 2 * max_predictions, np.uint32),
    )
    assert end <= at + size
    assert (out[:at] == 0xEE).all()
    assert (out[at + size :] == 0xEE).all()
    return out[at:end].tobytes()


@given(classic_instances())
@settings(max_examples=150, deadline=None)
def test_the_kernel_writes_what_the_plain_version_writes(instance):
    record = encode_example(classic_features(*instance), CLASSIC_ORDER)
    assert write(*instance) == frame_record(record)


@given(classic_instances())
@settings(max_examples=50, deadline=None)
def test_a_decoder_reads_the_same_values(instance):
    features = classic_features(*instance)
    parsed = parse_example(write(*instance)[12:-4])
    assert set(parsed) == set(CLASSIC_FEATURES)
    for name, values in features.items():
        assert parsed[name].tolist() == list(values)


@pytest.mark.parametrize("max_seq_length", [8, 128, 4096])
def test_the_largest_record_fits_into_the_promised_size(max_seq_length):
    predictions = max_seq_length - 1
    pieces, positions = [2**21 - 1] * max_seq_length, list(range(1, max_seq_length))
    frame = write(max_seq_length, predictions, pieces, 3, 1, positions, [2**21 - 1] * predictions)
    assert len(frame) > 0.9 * 3 * max_seq_length
    features = classic_features(max_seq_length, predictions, pieces, 3, 1, positions, [2**21 - 1] * predictions)
    assert frame == frame_record(encode_example(features, CLASSIC_ORDER))


@given(st.lists(ids, min_size=5, max_size=200), st.data())
@settings(max_examples=100, deadline=None)
def test_dynamic_records(pieces, data):
    b_at = data.draw(st.integers(2, len(pieces)))
    begins = sorted({0, *data.draw(st.sets(st.integers(1, len(pieces) - 1)))})
    bits = np.zeros(len(pieces), bool)
    bits[begins] = True
    features = {
        "input_ids": pieces,
        "segment_lengths": [b_at, len(pieces) - b_at],
        "word_starts": np.packbits(bits, bitorder="little").tobytes(),
        "next_sentence_labels": [1],
    }
    out = np.full(max_framed_size(200, 1), 0xEE, np.uint8)
    end = write_dynamic(
        out,
        0,
        np.array(pieces, np.int32),
        len(pieces),
        b_at,
        1,
        np.array([*begins, len(pieces)], np.int32),
        np.zeros(2, np.int32),
        np.zeros(len(pieces) + 2, np.uint32),
    )
    assert out[:end].tobytes() == frame_record(encode_example(features, DYNAMIC_ORDER))
    assert set(DYNAMIC_ORDER) == set(DYNAMIC_FEATURES)


@given(classic_instances())
@settings(max_examples=30, deadline=None)
def test_tensorflow_reads_the_record_and_writes_it_with_the_same_size(instance):
    tf = pytest.importorskip("tensorflow")
    features = classic_features(*instance)
    record = write(*instance)[12:-4]
    example = tf.train.Example.FromString(record)
    assert set(example.features.feature) == set(CLASSIC_FEATURES)
    for name, values in features.items():
        feature = example.features.feature[name]
        found = feature.float_list if name == "masked_lm_weights" else feature.int64_list
        assert list(found.value) == list(values)
    assert example.ByteSize() == len(record)  # nothing is padded, nothing written twice
