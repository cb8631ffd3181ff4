from dataclasses import dataclass

import pytest

from beam_jobs.errors import UserError
from beam_jobs.records import known_fields, require_known_format


@pytest.mark.parametrize("content", [{}, {"format": 1}, {"format": 2}, {"format": 3}])
def test_formats_up_to_the_newest_are_read_and_a_file_without_a_number_has_the_first(content):
    require_known_format(content, 3, "f.json")
    if content.get("format", 1) == 1:
        require_known_format(content, 1, "f.json")


def test_a_newer_format_is_refused_in_one_sentence_with_file_numbers_and_remedy():
    with pytest.raises(UserError) as error:
        require_known_format({"format": 4}, 3, "out/f.json")
    assert str(error.value) == (
        "out/f.json: its format is 4, but this version of beambert reads no format above 3; update beambert"
    )
    with pytest.raises(UserError, match=r"its record format is 2, but .* reads no record format above 1"):
        require_known_format({"format": 1, "record_format": 2}, 1, "f.json", "record_format")


@pytest.mark.parametrize("number", [0, -1, True, 1.0, "1", None, [1]])
def test_what_no_version_writes_is_no_number(number):
    with pytest.raises(ValueError, match=r"its format is .*, not a whole number above 0"):
        require_known_format({"format": number}, 3, "f.json")


def test_entries_without_a_field_are_left_out():
    @dataclass
    class Two:
        a: int
        b: int = 0

    assert known_fields(Two, {"a": 1, "c": 2}) == {"a": 1}
