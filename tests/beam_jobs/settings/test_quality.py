import pytest

from beam_jobs.errors import UserError
from beam_jobs.quality.rule_sets import RULE_SETS
from beam_jobs.settings import SegmentSettings, output_settings
from beam_jobs.settings.quality import QUALITY


def test_the_sets_are_those_of_the_rules() -> None:
    assert ("off", *RULE_SETS) == QUALITY


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"drop": ("gopher_few_word=3",)},
            "--drop 'gopher_few_word=3' names no rule of quality; the nearest is gopher_few_words=50",
        ),
        (
            {"drop": ("c4_braces",)},
            "--drop 'c4_braces' has no threshold: write c4_braces=0, for example",
        ),
        (
            {"drop": ("few_letters=2",)},
            "--drop 'few_letters=2': the threshold of few_letters must be a number from 0 to 1, such as 0.5",
        ),
        (
            {"quality": "off", "drop": ("c4_braces=1",)},
            "--drop needs the counters that --quality off turns off: use --quality none",
        ),
    ],
)
def test_errors_are_one_line_with_the_remedy(settings: dict, message: str) -> None:
    with pytest.raises(UserError) as error:
        SegmentSettings(input=("in",), output="out", **settings).validate()
    assert str(error.value) == message


def test_a_rule_may_be_chosen_alone_and_old_hashes_stay() -> None:
    SegmentSettings(input=("in",), output="out", drop=("c4_braces=3", "ocr_longest_word=40")).validate()
    assert not {"quality", "drop", "confidence_field"} & output_settings(SegmentSettings(("in",), "out")).keys()
