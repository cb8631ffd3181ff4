"""Bytes by hand; records of the jobs and of TensorFlow are in test_parse.py."""

import numpy as np
import pytest

from beam_jobs.records.example_wire import ABSENT, COLUMNS, INPUT_IDS, MALFORMED, OK, WEIGHTS, WRONG_KIND
from trainer.data.parse_kernel import ParsedInstances, parse_records


def field(number, data):
    return bytes([number << 3 | 2, len(data)]) + data


def record(*entries):
    return field(1, b"".join(field(1, field(1, name.encode()) + field(2, feature)) for name, feature in entries))


def parse(*records, width=4, first=0, damaged=()):
    data = np.frombuffer(b"".join(records), np.uint8)
    ends = np.cumsum([len(one) for one in records]).astype(np.int64)
    starts = np.concatenate(([0], ends[:-1]))
    ends[list(damaged)] = -1
    count = len(records)
    out = ParsedInstances(
        **{name: np.zeros((count, width), np.int32) for name in ("ids", "mask", "segments", "positions", "originals")},
        weights=np.zeros((count, 3), np.float32),
        labels=np.zeros((count, 1), np.int32),
        lengths=np.zeros((count, 2), np.int32),
        starts=np.zeros((count, 2), np.uint8),
        good=np.zeros(count, bool),
        counts=np.full((count, len(COLUMNS)), ABSENT, np.int32),
    )
    return parse_records(data, starts, ends, np.arange(count)[::-1].copy(), first, out), out


def ids(values):
    return record(("input_ids", field(3, field(1, values))))


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (bytes([1, 2, 3, 4]), [1, 2, 3, 4]),  # all of one byte: a plain copy
        (bytes([0x96, 1, 5, 6, 7]), [150, 5, 6, 7]),
        (bytes([0x80, 0x80, 1]), [16384, 0, 0, 0]),
        (bytes([0xFF, 0xFF, 0xFF, 0xFF, 0x07]), [2**31 - 1, 0, 0, 0]),
        (bytes([0xFF] * 9 + [1]), [2**31 - 1, 0, 0, 0]),  # -1 becomes too large, not small
        (bytes([5]), [5, 0, 0, 0]),
    ],
)
def test_numbers_of_any_length(values, numbers):
    status, out = parse(ids(values))
    assert status == (1, OK)
    assert out.ids[0].tolist() == numbers


def test_values_beyond_the_width_are_counted():
    _, out = parse(ids(bytes(range(1, 8))))
    assert (out.ids[0].tolist(), out.counts[0, INPUT_IDS]) == ([1, 2, 3, 4], 7)


def test_unpacked_and_packed_go_on_after_each_other():
    feature = field(3, bytes([8, 5]) + field(1, bytes([6, 0x96, 1])))
    _, out = parse(record(("input_ids", feature)))
    assert out.ids[0].tolist() == [5, 6, 150, 0]


def test_rows_are_those_asked_for_and_damaged_records_are_passed_over():
    status, out = parse(ids(b"\x01"), ids(b"\x02"), ids(b"\x03"), damaged=(1,))
    assert status == (3, OK)
    assert out.ids[:, 0].tolist() == [3, 0, 1]  # the rows run backwards here
    assert out.counts[:, INPUT_IDS].tolist() == [1, ABSENT, 1]


def test_weights_and_word_starts():
    weights = field(2, field(1, np.array([1, 0.5, 2, 7], "<f4").tobytes()))
    _, out = parse(record(("masked_lm_weights", weights), ("word_starts", field(1, field(1, b"\x03\x01\x09")))))
    assert (out.weights[0].tolist(), out.counts[0, WEIGHTS]) == ([1, 0.5, 2], 4)
    assert out.starts[0].tolist() == [3, 1]


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        (record(("input_ids", field(2, field(1, bytes(4))))), WRONG_KIND),
        (record(("word_starts", field(3, field(1, b"\x01")))), WRONG_KIND),
        (ids(b"\x80"), MALFORMED),
        (ids(b"\x80" * 10 + b"\x01"), MALFORMED),
        (record(("masked_lm_weights", field(2, field(1, bytes(3))))), MALFORMED),
        (ids(b"\x01")[:-1], MALFORMED),
    ],
)
def test_the_record_that_cannot_be_parsed_is_named_and_the_rest_can_follow(bad, status):
    found, _ = parse(ids(b"\x01"), bad, ids(b"\x02"))
    assert found == (1, status)
    found, out = parse(ids(b"\x01"), bad, ids(b"\x02"), first=2)
    assert found == (3, OK)
    assert out.ids[0, 0] == 2


def test_an_empty_list_has_no_kind():
    status, out = parse(record(("input_ids", field(2, field(1, b""))), ("input_mask", field(2, b""))))
    assert status == (1, OK)
    assert out.counts[0, INPUT_IDS] == 0
