import numpy as np
import pytest

from beam_jobs.decoding.parse_example import MalformedRecordError, parse_example


def field(number, data):
    return bytes([number << 3 | 2, len(data)]) + data


def record(*entries):
    return field(1, b"".join(field(1, field(1, name.encode()) + field(2, feature)) for name, feature in entries))


PACKED = field(3, field(1, b"\x05\x96\x01"))


def test_three_kinds_of_lists():
    floats = field(2, field(1, np.array([1, 0.5], "<f4").tobytes()))
    found = parse_example(record(("a", PACKED), ("b", floats), ("c", field(1, field(1, b"x") + field(1, b"y")))))
    assert found["a"].tolist() == [5, 150]
    assert (found["a"].dtype, found["b"].dtype) == (np.int64, np.float32)
    assert found["b"].tolist() == [1, 0.5]
    assert found["c"] == [b"x", b"y"]


def test_unpacked_and_negative_integers():
    minus_one = b"\x08" + b"\xff" * 9 + b"\x01"
    assert parse_example(record(("a", field(3, b"\x08\x05" + minus_one))))["a"].tolist() == [5, -1]


def test_the_last_of_a_repeated_name_counts_and_other_fields_are_skipped():
    other = b"\x10\x07" + b"\x19" + bytes(8) + b"\x25" + bytes(4)  # fields 2, 3 and 4 of other wire types
    data = other + record(("a", PACKED), ("a", field(3, field(1, b"\x01")))) + other
    assert parse_example(data)["a"].tolist() == [1]


def test_a_feature_without_values_is_an_empty_list():
    assert list(parse_example(record(("a", b"")))["a"]) == []


@pytest.mark.parametrize("cut", [1, 3, 5])
def test_a_cut_record_is_refused(cut):
    with pytest.raises(MalformedRecordError):
        parse_example(record(("a", PACKED))[:-cut])


@pytest.mark.parametrize("data", [b"\x0b\x00", b"\x0a\x80", b"\x0a" + b"\x80" * 10 + b"\x01"])
def test_what_is_no_message_is_refused(data):
    with pytest.raises(MalformedRecordError):
        parse_example(data)
