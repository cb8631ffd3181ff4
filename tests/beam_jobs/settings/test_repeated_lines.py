import pytest

from beam_jobs.errors import UserError
from beam_jobs.settings import SegmentSettings, output_settings, settings_hash


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"repeated_lines": 1}, r"--repeated_lines 1 would leave every line out: use 2 or more"),
        ({"repeated_lines": -3}, r"--repeated_lines -3 is no number of documents"),
        ({"repeated_lines": 5, "pair_field": "code"}, r"--repeated_lines does not go with --pair_field code"),
        ({"contained": 0.3}, r"--contained 0.3 is not from 0.5 to 1: 0.8 is usual"),
        ({"contained": 1.1}, r"--contained 1.1 is not from 0.5 to 1"),
        ({"contained": 0.8, "pair_field": "code"}, r"--contained does not go with --pair_field code"),
        ({"repeated_lines_keep": "longest"}, r"--repeated_lines_keep does nothing without --repeated_lines"),
        ({"repeated_lines": 5, "repeated_lines_keep": "first"}, r"'first' is not one of none, longest"),
    ],
)
def test_what_a_repeated_line_is_must_make_sense(changes, message):
    with pytest.raises(UserError, match=message):
        SegmentSettings(input=("in",), output="out", **changes).validate()


def test_a_corpus_made_before_there_was_the_option_is_recognised_and_other_choices_are_others():
    choices = (
        {},
        {"repeated_lines": 2},
        {"repeated_lines": 3},
        {"repeated_lines": 3, "repeated_lines_keep": "longest"},
        {"contained": 0.8},
    )
    made = [SegmentSettings(input=("in",), output="out", **changes) for changes in choices]
    assert len({settings_hash(settings, input="h") for settings in made}) == 5
    assert not {"repeated_lines", "repeated_lines_keep", "contained"} & output_settings(made[0]).keys()
    assert [settings.compares_lines for settings in made] == [False, True, True, True, True]
