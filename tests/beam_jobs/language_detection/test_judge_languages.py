from collections import Counter

import pytest

from beam_jobs.language_detection.detect_languages import DetectedLanguage
from beam_jobs.language_detection.judge_languages import FILL, OVERRIDE, UNSURE, judge_languages

DECLARED = ["nb", "", "nb", "", "da", ""]
DETECTED = [
    DetectedLanguage("nn", True, False),
    DetectedLanguage("nn", True, False),
    DetectedLanguage("sv", False, True),
    DetectedLanguage("sv", False, False),
    DetectedLanguage("zxx", True, True),
    DetectedLanguage("zxx", True, True),
]


@pytest.mark.parametrize(
    ("use", "languages"),
    [
        ("off", DECLARED),
        (FILL, ["nb", "nn", "nb", "", "da", ""]),
        (OVERRIDE, ["nn", "nn", "nb", "", "da", ""]),
    ],
)
def test_a_sure_language_chooses_the_rules_if_it_is_asked_for(use: str, languages: list[str]) -> None:
    judged = judge_languages(DECLARED, DETECTED, use)
    assert judged.languages == languages
    assert judged.foreign == ["", "", "sv", "", "zxx", "zxx"]
    assert judged.table == Counter(
        {("nb", "nn"): 1, ("", "nn"): 1, ("nb", UNSURE): 1, ("", UNSURE): 1, ("da", "zxx"): 1, ("", "zxx"): 1}
    )
