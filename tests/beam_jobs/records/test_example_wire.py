import numpy as np
import pytest

from beam_jobs.instances.encode import varint
from beam_jobs.records import CLASSIC_FEATURES, DYNAMIC_FEATURES
from beam_jobs.records.example_wire import ABSENT, COLUMNS, INPUT_IDS, SEGMENT_IDS, read_entry, read_field


def delimited(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def entry(data):
    """(column, the Feature's bytes, offset behind the entry)"""
    column, start, end, at = read_entry(np.frombuffer(data, np.uint8), 0, len(data))
    return column, data[start:end], at


def test_there_is_a_column_for_every_feature():
    assert set(COLUMNS) == {*CLASSIC_FEATURES, *DYNAMIC_FEATURES}


@pytest.mark.parametrize(
    ("name", "column"),
    [
        *((name, place) for place, name in enumerate(COLUMNS)),
        ("input_word_ids", INPUT_IDS),
        ("input_type_ids", SEGMENT_IDS),
        ("input_idz", ABSENT),
        ("input_id", ABSENT),
        ("", ABSENT),
    ],
)
def test_an_entry_has_a_column_by_its_name(name, column):
    key, value = delimited(1, name.encode()), delimited(2, b"feature")
    for content in (key + value, value + key, delimited(1, b"other") + value + key, key + delimited(2, b"") + value):
        data = delimited(1, content)
        assert entry(data + b"rest") == (column, b"feature", len(data))


def test_an_entry_without_a_feature_is_empty():
    data = delimited(1, delimited(1, b"input_ids"))
    assert entry(data) == (INPUT_IDS, b"", len(data))


@pytest.mark.parametrize("data", [delimited(2, b"?"), varint(1 << 3) + varint(300), varint(1 << 3 | 5) + bytes(4)])
def test_what_is_no_entry_is_passed_over(data):
    column, _, at = entry(data)
    assert (column, at) == (ABSENT, len(data))


def test_an_entry_that_is_cut_off():
    data = delimited(1, delimited(1, b"input_ids") + delimited(2, b"feature"))
    assert all(entry(data[:end])[2] == -1 for end in range(1, len(data)))
    inside = delimited(1, delimited(1, b"input_ids") + b"\x12\x05abc")
    assert entry(inside)[2] == -1


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (varint(300 << 3) + varint(2**64 - 1), (300, 0, 2, 12)),
        (varint(1 << 3 | 1) + bytes(8), (1, 1, 1, 9)),
        (varint(2 << 3 | 5) + bytes(4), (2, 5, 1, 5)),
        (delimited(3, b"abc"), (3, 2, 2, 5)),
    ],
)
def test_fields_of_all_wire_types(data, field):
    assert read_field(np.frombuffer(data, np.uint8), 0, len(data)) == field
    assert all(read_field(np.frombuffer(data, np.uint8), 0, end)[3] == -1 for end in range(len(data)))


@pytest.mark.parametrize(
    "data", [b"\x0b", b"\x0c", b"\x0e", b"\x08" + b"\xff" * 10 + b"\x01", b"\x0a" + b"\xff" * 9 + b"\x01"]
)
def test_what_is_no_field(data):
    assert read_field(np.frombuffer(data, np.uint8), 0, len(data))[3] == -1
