import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.decoding.decode import MalformedRecordError, decode_instance
from beam_jobs.decoding.decode_batch import complete, decode_batch
from beam_jobs.records.tfrecord_stream import read_record_batches


@pytest.fixture(scope="module")
def decode(frame):
    def all_of(records):
        (batch,) = read_record_batches(io.BytesIO(frame(records)), "shard")
        return decode_batch(batch, "shard")

    return all_of


def assert_equal(ours, expected):
    for name in vars(expected):
        a, b = getattr(ours, name), getattr(expected, name)
        assert (a is None) == (b is None), name
        if a is not None:
            assert a.dtype == b.dtype, name
            assert a.tobytes() == b.tobytes(), name


IDS = st.lists(st.one_of(st.integers(0, 200_000), st.integers(-(2**63), 2**63 - 1)), max_size=20)
CLASSIC = {
    "input_ids": IDS,
    "input_mask": IDS,
    "segment_ids": IDS,
    "masked_lm_positions": IDS,
    "masked_lm_ids": IDS,
    "masked_lm_weights": st.lists(st.floats(width=32, allow_nan=False), max_size=9),
    "next_sentence_labels": IDS,
}
REQUIRED = {"input_ids", "masked_lm_positions", "masked_lm_ids", "segment_lengths", "word_starts"}


def some(strategies):
    required = {name: s for name, s in strategies.items() if name in REQUIRED}
    optional = {name: s for name, s in strategies.items() if name not in REQUIRED}
    return st.fixed_dictionaries(required, optional=optional)


RECORDS = st.one_of(
    some({**CLASSIC, "other": st.just([b"text"])}),
    some(
        {
            "input_ids": IDS,
            "segment_lengths": IDS,
            "word_starts": st.binary(max_size=9).map(lambda b: [b]),
            "next_sentence_labels": IDS,
        }
    ),
)


@given(st.lists(RECORDS, min_size=1, max_size=6), st.randoms())
@settings(max_examples=150, deadline=None)
def test_equals_the_parser_of_one_record(decode, serialise, contents, random):
    records = []
    for content in contents:
        names = list(content)
        random.shuffle(names)
        records.append(serialise({name: content[name] for name in names}))
    batch = decode(records)
    full = complete(batch)
    for row, record in enumerate(records):
        expected = decode_instance(record)
        assert_equal(batch.instance(row), expected)
        if not expected.is_dynamic or len(expected.segment_lengths):
            assert_equal(full.instance(row), expected)


def test_model_garden_names_and_repeated_features(decode, serialise, classic):
    features = classic()
    ids, segments = features.pop("input_ids"), features.pop("segment_ids")
    renamed = serialise({**features, "input_word_ids": ids, "input_type_ids": segments})
    # The first values are longer: nothing of them may stay behind.
    repeated = serialise(classic(input_ids=[9] * 30, masked_lm_weights=[5.0] * 30)) + serialise(classic())
    batch = decode([renamed, repeated, serialise(classic())])
    for row in range(3):
        assert_equal(batch.instance(row), decode_instance(serialise(classic())))
    assert batch.columns.input_ids[1].tolist() == [*ids, *[0] * (batch.columns.input_ids.shape[1] - len(ids))]


def test_a_complete_batch_is_left_alone(decode, serialise, classic):
    batch = decode([serialise(classic())])
    assert complete(batch) is batch


def test_the_first_record_that_is_no_instance_is_named(decode, serialise, classic):
    good = serialise(classic())
    for bad, reason in (
        (serialise({"text": [b"hei"]}), "no input_ids"),
        (serialise({"input_ids": [1]}), "neither masked_lm_positions"),
        (serialise(classic(input_ids=[1.5])), "input_ids holds floats"),
        (serialise(classic(word_starts=[1])), "no segment_lengths"),
        (good[:-1], "longer than the record"),
        (b"\xff" * 20, "a number is cut off|wire type"),
    ):
        with pytest.raises(MalformedRecordError, match=f"shard: record 1 is no pretraining instance: .*({reason})"):
            decode([good, bad, good])


@given(st.binary(max_size=80), st.integers(0, 10**6))
@settings(max_examples=200, deadline=None)
def test_hostile_bytes_never_break_the_kernel(decode, serialise, classic, noise, place):
    record = serialise(classic())
    place %= len(record)
    damaged = record[:place] + noise + record[place + len(noise) :]
    try:
        batch = decode([damaged])
    except MalformedRecordError:
        return
    assert_equal(batch.instance(0), decode_instance(damaged))


def test_widths_of_dynamic_records(decode, serialise, dynamic):
    short = dynamic(input_ids=[2, 5, 3], segment_lengths=[3, 0], word_starts=[b"\x07"])
    batch = decode([serialise(short), serialise(dynamic()), serialise(short)])
    assert batch.columns.input_ids.shape == (3, 11)
    assert batch.columns.input_ids[0].tolist() == [2, 5, 3] + [0] * 8
    full = complete(batch)
    assert full.columns.input_mask.sum(axis=1).tolist() == [3, 11, 3]
    assert full.columns.segment_ids.sum(axis=1).tolist() == [0, 5, 0]
    assert np.array_equal(full.columns.counts[:, 0], [3, 11, 3])
