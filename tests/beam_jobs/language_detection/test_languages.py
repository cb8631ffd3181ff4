import pytest

from beam_jobs.language_detection.languages import DETECTED_LANGUAGES, detected_code, detected_language
from beam_jobs.text.languages import known_languages


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("nb", "nb"),
        ("no", "nb"),
        ("Norwegian", "nb"),
        ("bokmål", "nb"),
        ("nno", "nn"),
        ("Nynorsk", "nn"),
        ("en_GB", "en"),
    ],
)
def test_a_language_may_be_named_as_anywhere_else(name: str, code: str) -> None:
    assert detected_language(name) == code


@pytest.mark.parametrize("name", ["", "klingon", "x" * 300, "nnn"])
def test_an_unknown_name_is_no_language(name: str) -> None:
    assert detected_language(name) == ""


def test_all_languages_with_rules_of_segmentation_can_be_detected() -> None:
    assert known_languages() <= set(DETECTED_LANGUAGES)


def test_the_model_calls_bokmaal_norwegian() -> None:
    assert detected_code("no") == "nb"
    assert detected_code("nn") == "nn"
