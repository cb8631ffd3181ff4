import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.documents import json_values
from beam_jobs.documents.json_values import is_array, is_run_together, is_spread_over_lines, split_values

TEXT = st.text(st.sampled_from('ab {}[]",:\\\n\té€😀'), max_size=20)
OBJECTS = st.dictionaries(TEXT, st.one_of(TEXT, st.integers(), st.none(), st.lists(TEXT), st.dictionaries(TEXT, TEXT)))


def feed(data, sizes):
    """A `read` that gives as little at a time as `sizes` say, over and over."""
    position = turn = 0

    def read(limit):
        nonlocal position, turn
        size = min(limit, sizes[turn % len(sizes)])
        turn += 1
        part = data[position : position + size]
        position += len(part)
        return part

    return read


def split(data, sizes=(1 << 20,), array=False, max_bytes=1 << 30):
    return list(split_values(feed(data, sizes), max_bytes, array))


@given(
    objects=st.lists(OBJECTS, max_size=5),
    between=st.sampled_from(["", "\n", "\r", " ", ",", ",\n", "\x1e", "\n\n", "\ufeff", "\n\ufeff "]),
    indent=st.sampled_from([None, 2]),
    ascii=st.booleans(),
    array=st.booleans(),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=4),
)
def test_every_object_is_found_where_it_stands(objects, between, indent, ascii, array, sizes):
    texts = [json.dumps(object, indent=indent, ensure_ascii=ascii) for object in objects]
    data = (f"[{','.join(texts)}]" if array else between.join(texts)).encode()
    values = split(data, sizes, array)
    assert [json.loads(value.data) for value in values] == objects
    assert all(data[value.offset : value.offset + len(value.data)] == value.data for value in values)
    assert values == split(data, array=array)


@given(data=st.binary(max_size=60), sizes=st.lists(st.integers(1, 9), min_size=1, max_size=3))
def test_any_bytes_come_to_an_end_and_none_are_lost_but_what_may_stand_between(data, sizes):
    values = split(data, sizes)
    covered = bytearray(data)
    for value in values:
        assert data[value.offset : value.offset + len(value.data)] == value.data
        covered[value.offset : value.offset + len(value.data)] = b" " * len(value.data)
    assert not bytes(covered).replace(b"\xef\xbb\xbf", b"").translate(None, b" \t\n\r\v\f,\x1e")


def test_what_is_no_object_is_cut_out():
    values = split(b'{"a": 1} oops {"b": 2}} {"c": "open')
    assert [value.data for value in values] == [b'{"a": 1}', b"oops", b'{"b": 2}', b"}", b'{"c": "open']


def test_a_giant_is_not_held(monkeypatch):
    monkeypatch.setattr(json_values, "_CHUNK_BYTES", 16)
    data = b'{"a": 1}{"b": "' + b"x" * 1000 + b'"}{"c": 3}'
    values = split(data, max_bytes=100)
    assert [(value.offset, value.too_large) for value in values] == [(0, False), (8, True)]


def test_a_large_string_is_scanned_in_linear_time(monkeypatch):
    monkeypatch.setattr(json_values, "_CHUNK_BYTES", 1 << 10)
    seconds = []
    for size in (1 << 21, 1 << 24):
        data = b'{"a": "' + b"x" * size + b'"}'
        started = time.perf_counter()
        assert len(split(data, sizes=(1 << 30,))) == 1
        seconds.append(time.perf_counter() - started)
    assert seconds[1] < 40 * seconds[0] + 0.5  # eight times the bytes


@pytest.mark.parametrize(
    ("head", "together"),
    [
        (b'{"a": "}{"}{"a"', True),
        (b'{"a": 1} {"a"', True),
        (b'{"a": 1}\n{"a": 2}', False),
        (b'{"a": 1}\r{"a": 2}', False),
        (b'{"a": 1}', False),
        (b'{"a": "}{', False),
        (b"[{}{}]", False),
        (b"", False),
    ],
)
def test_objects_run_together(head, together):
    assert is_run_together(head) == together


@pytest.mark.parametrize(
    ("head", "array", "spread"),
    [
        (b'{"a": 1}\n{"a": 2}\n', False, False),
        (b'\xef\xbb\xbf [ {"a": 1}, {"a": 2}]', True, False),
        (b'[\n{"a": 1},\n', True, False),
        (b'["a"]\n["b"]\n', False, False),
        (b"[1, 2]\n", False, False),
        (b'{\n  "a": 1\n}\n', False, True),
        (b'\n{"a": [\n{"b": 1}\n]}', False, True),
        (b'{"a": 1,\r\n"b": 2}\n', False, True),
        (b'{"a": 1,\n{"a": 2}\n', False, False),  # a broken line before a good one
        (b'{"a": "open\n"b"}\n', False, False),
        (b'{"a": 1}}\n"b"}\n', False, False),
        (b'{"a": {"b": ', False, False),  # all that is known of it
        (b"", False, False),
    ],
)
def test_layouts(head, array, spread):
    assert (is_array(head), is_spread_over_lines(head)) == (array, spread)
