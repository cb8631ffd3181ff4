import json

import hypothesis.strategies as st
import pytest
from hypothesis import given

from beam_jobs.records.readable_json import readable_json

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=60) | st.dictionaries(st.text(), inner, max_size=9),
    max_leaves=80,
)


@given(_VALUES)
def test_it_is_the_same_value(value: object) -> None:
    assert json.loads(readable_json(value)) == value


def test_what_fits_stands_on_a_line_and_numbers_fill_lines() -> None:
    text = readable_json({"a": {"b": 1, "c": []}, "lengths": list(range(60)), "ø": [["x", 1], ["y", 2]]})
    lines = text.splitlines()
    assert lines[:3] == ["{", '    "a": {"b": 1, "c": []},', '    "lengths": [']
    assert lines[3].startswith("        0, 1, 2, ")
    assert lines[-3:] == ["    ],", '    "ø": [["x", 1], ["y", 2]]', "}"]
    assert len(lines) == 9
    assert max(map(len, lines)) <= 120


def test_a_long_object_within_has_a_line_for_each_member() -> None:
    inner = {f"a reason that is not short {number}": {"documents": number} for number in range(5)}
    assert (
        readable_json({"filtered": inner}).splitlines()[2]
        == '        "a reason that is not short 0": {"documents": 0},'
    )


def test_what_json_does_not_know() -> None:
    with pytest.raises(TypeError):
        readable_json({"a": {1, 2}})
