"""One record in every way in which protocol buffers may write it; decode_batch's tests compare with the plain parser."""

import numpy as np
import pytest

from beam_jobs.decoding.decode_kernel import INT_COLUMNS, decode_records
from beam_jobs.records.example_wire import ABSENT, COLUMNS, MALFORMED, OK, WRONG_KIND

WIDTHS = np.array([4, 2, 2, 2, 2, 1, 2, 3, 2], np.int64)
IDS, WEIGHTS, STARTS = (COLUMNS.index(name) for name in ("input_ids", "masked_lm_weights", "word_starts"))


def field(number, data):
    return bytes([number << 3 | 2, len(data)]) + data


def record(*entries):
    """A record of (name, the bytes of its Feature)."""
    return field(1, b"".join(field(1, field(1, name.encode()) + field(2, feature)) for name, feature in entries))


def parse(*records):
    data = np.frombuffer(b"".join(records), np.uint8)
    ends = np.cumsum([len(one) for one in records]).astype(np.int64)
    ints = np.zeros((len(records), WIDTHS[: len(INT_COLUMNS)].sum()), np.int64)
    floats = np.zeros((len(records), WIDTHS[WEIGHTS]), np.float32)
    strings = np.zeros((len(records), WIDTHS[STARTS]), np.uint8)
    counts = np.full((len(records), len(COLUMNS)), ABSENT, np.int64)
    starts = np.concatenate(([0], ends[:-1]))
    row, status = decode_records(data, starts, ends, WIDTHS, ints, floats, strings, counts)
    return (row, status), ints, floats, strings, counts


PACKED = field(3, field(1, bytes([5, 0x96, 0x01, 7])))


def test_the_columns_of_integers_come_first():
    assert COLUMNS[:7] == INT_COLUMNS


def test_packed_integers_one_by_one_and_both():
    unpacked = field(3, bytes([8, 5, 8, 0x96, 0x01, 8, 7]))
    mixed = field(3, bytes([8, 5]) + field(1, bytes([0x96, 0x01, 7])))
    status, ints, _, _, counts = parse(*(record(("input_ids", feature)) for feature in (PACKED, unpacked, mixed)))
    assert status == (0, OK)
    assert ints[:, :4].tolist() == [[5, 150, 7, 0]] * 3
    assert counts[:, IDS].tolist() == [3] * 3
    assert (counts[:, IDS + 1 :] == ABSENT).all()


def test_a_column_begins_behind_those_before_it():
    status, ints, _, _, _ = parse(record(("segment_ids", field(3, field(1, bytes([9]))))))
    assert (status, ints[0].tolist()) == ((0, OK), [0] * 6 + [9] + [0] * 8)


def test_values_beyond_the_width_are_counted_but_not_kept():
    _, ints, _, _, counts = parse(record(("input_ids", field(3, field(1, bytes(range(1, 8)))))))
    assert ints[0, :6].tolist() == [1, 2, 3, 4, 0, 0]
    assert counts[0, IDS] == 7


def test_the_last_feature_of_a_name_counts_and_nothing_is_left_of_the_first():
    again = field(3, field(1, bytes([1])))
    _, ints, _, _, counts = parse(record(("input_ids", PACKED), ("input_ids", again)))
    assert ints[0, :4].tolist() == [1, 0, 0, 0]
    assert counts[0, IDS] == 1


def test_floats_and_bytes():
    weights = field(2, field(1, np.array([1, 0.5], "<f4").tobytes()) + b"\x0d" + np.array([2], "<f4").tobytes())
    _, _, floats, strings, counts = parse(
        record(("masked_lm_weights", weights), ("word_starts", field(1, field(1, b"\x03\x01"))))
    )
    assert (floats[0].tolist(), strings[0].tolist()) == ([1, 0.5, 2], [3, 1])
    assert counts[0, [WEIGHTS, STARTS]].tolist() == [3, 2]


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        (record(("input_ids", field(2, field(1, b"\0\0\0\0")))), WRONG_KIND),
        (record(("masked_lm_weights", PACKED)), WRONG_KIND),
        (record(("masked_lm_weights", field(2, field(1, b"\0\0\0")))), MALFORMED),
        (record(("input_ids", field(3, field(1, b"\x80")))), MALFORMED),
        (record(("input_ids", field(3, field(1, b"\x80" * 10 + b"\x01")))), MALFORMED),
        (record(("input_ids", PACKED))[:-1], MALFORMED),
    ],
)
def test_the_row_that_cannot_be_read_is_named(bad, status):
    assert parse(record(("input_ids", PACKED)), bad)[0] == (1, status)


def test_an_empty_list_has_no_kind_and_other_names_are_passed_over():
    status, _, _, _, counts = parse(record(("input_ids", field(2, b"")), ("other", PACKED), ("input_word_ids", PACKED)))
    assert status == (0, OK)
    assert counts[0, IDS] == 3
