import json

import pytest

from beam_jobs.errors import UserError
from beam_jobs.records import stats_from_json, stats_to_json


def test_statistics_come_back_with_their_format_number_as_the_last_entry():
    text = stats_to_json({"b": 1, "a": "blåbær"})
    assert text == '{\n    "b": 1,\n    "a": "blåbær",\n    "format": 1\n}\n'
    assert stats_from_json(text, "s.json") == {"b": 1, "a": "blåbær", "format": 1}


def test_those_without_a_number_are_read():
    assert stats_from_json('{"b": 1}', "s.json") == {"b": 1}


def test_those_of_a_newer_format_are_refused():
    with pytest.raises(UserError, match=r"out/s\.json: its format is 2, but .* above 1; update beambert"):
        stats_from_json(json.dumps({"format": 2}), "out/s.json")


@pytest.mark.parametrize("text", ["", "[]", "3", "null", '{"format": "new"}'])
def test_what_is_no_statistics(text):
    with pytest.raises(ValueError):  # noqa: PT011  whatever it says
        stats_from_json(text, "s.json")
