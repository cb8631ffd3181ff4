import pytest

from beam_jobs.errors import UserError
from beam_jobs.settings import SegmentSettings, output_settings, settings_hash

PLAIN = SegmentSettings(input=("in",), output="out")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"duplicates": "nearly"}, r"--duplicates 'nearly' is not one of off, count, exact, near"),
        ({"near_threshold": 0.4}, r"--near_threshold 0\.4 is not from 0\.5 to 0\.95"),
        ({"near_threshold": 1.0}, r"--near_threshold 1\.0 is not from"),
        ({"shingle_words": 0}, r"--shingle_words 0 is not from 1 to 16"),
        ({"shingle_words": 17}, r"--shingle_words 17 is not"),
    ],
)
def test_what_duplicates_are_must_make_sense(changes, message):
    with pytest.raises(UserError, match=message):
        SegmentSettings(input=("in",), output="out", **changes).validate()


def test_a_corpus_made_before_there_were_duplicates_is_recognised_and_other_choices_are_others():
    hashes = {
        settings_hash(SegmentSettings(input=("in",), output="out", **changes), input="h")
        for changes in (
            {},
            {"duplicates": "near"},
            {"duplicates": "off"},
            {"near_threshold": 0.7},
            {"shingle_words": 5},
        )
    }
    assert len(hashes) == 5
    assert "duplicates" not in output_settings(PLAIN)
