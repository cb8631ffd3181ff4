import random
import unicodedata

import numpy as np
import pytest

from beam_jobs.language_detection.detect_languages import (
    LEAST_LETTERS,
    DetectedLanguage,
    detect_languages,
)
from tests.beam_jobs.language_detection.texts import ARTICLE_1, BOKMAAL_REVIEW, DANISH_REVIEW, NYNORSK_REVIEW


def detect(texts: list[str], keep: tuple[str, ...] = ()) -> list[DetectedLanguage]:
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
    return detect_languages(texts, np.frombuffer(b"".join(encoded), np.uint8), ends, keep)


def codes(texts: list[str]) -> list[str]:
    return [found.code for found in detect(texts)]


def test_every_language_is_recognised_and_sure() -> None:
    assert detect(list(ARTICLE_1.values())) == [DetectedLanguage(code, True, False) for code in ARTICLE_1]


def test_bokmaal_nynorsk_and_danish_are_three_languages() -> None:
    assert codes([BOKMAAL_REVIEW, NYNORSK_REVIEW, DANISH_REVIEW]) == ["nb", "nn", "da"]


# Sentences of which the model alone is in doubt, or which it takes for the other standard.
SHORT = {
    "Den siste leigebilen i fylket er ledig i helga, seier han som leier ut.": "nn",
    "I dag skipa dei eit nytt lag for alle som vil vere med på å halde orden i parken.": "nn",
    "Arbeidet med den nye vegen kom i gang sist veke, og prisen er høgare enn venta.": "nn",
    "Den siste leiebilen i fylket er ledig i helgen, sier han som leier ut.": "nb",
}


def test_a_short_norwegian_text_goes_by_the_words_that_only_one_standard_has() -> None:
    assert codes(list(SHORT)) == list(SHORT.values())


def test_of_two_standards_one_may_be_kept() -> None:
    texts = list(SHORT)
    for keep in ("nb",), ("nn",):
        found = detect(texts, keep)
        assert [one.foreign for one in found] == [one.sure and one.code not in keep for one in found]
    assert not any(one.foreign for one in detect(texts, ("nb", "nn")))


def test_a_text_without_anything_known_has_no_language() -> None:
    assert detect(["", "\x00"]) == [DetectedLanguage("", False, False)] * 2


def test_a_text_of_few_letters_is_never_sure() -> None:
    text = ARTICLE_1["fi"]
    letters = [sum(map(str.isalpha, text[:size])) for size in range(len(text))]
    short, enough = (text[: letters.index(LEAST_LETTERS) + size] for size in (-1, 0))
    assert detect([short, enough], keep=("nb",)) == [
        DetectedLanguage("fi", False, False),
        DetectedLanguage("fi", True, True),
    ]
    padded = short + " 1234" * 500
    assert not detect([padded], keep=("nb",))[0].sure


def test_letters_of_other_scripts_count() -> None:
    assert [found.sure for found in detect([ARTICLE_1["ru"], ARTICLE_1["ja"]])] == [True, True]
    assert [found.sure for found in detect([ARTICLE_1["ru"][:40], ARTICLE_1["ja"][:20]])] == [False, False]


def test_what_is_kept_is_not_foreign_and_a_doubtful_text_is_not_either() -> None:
    texts = [BOKMAAL_REVIEW, NYNORSK_REVIEW, DANISH_REVIEW, ARTICLE_1["en"]]
    assert [found.foreign for found in detect(texts, keep=("nb", "nn"))] == [False, False, True, True]
    assert [found.foreign for found in detect(texts, keep=("da",))] == [True, True, False, True]
    assert not any(found.foreign for found in detect(texts))


def test_foreign_is_measured_against_the_languages_that_are_kept() -> None:
    """Half Danish, half Swedish: which of the two is not sure, but it is neither Finnish nor English."""
    mixed = "Alla människor är födda fria, og de bør handle mod hverandre i en broderskabets ånd"
    (found,) = detect([mixed], keep=("fi", "en"))
    assert found.foreign
    (found,) = detect([mixed], keep=("da", "sv"))
    assert not found.foreign


@pytest.mark.parametrize("code", ["nb", "nn", "da", "ru", "el"])
def test_capitals_are_read_as_small_letters(code: str) -> None:
    text = ARTICLE_1[code]
    assert detect([text.upper()])[0] == DetectedLanguage(code, True, False)
    assert detect([text.upper() + " " + text.split()[1]])[0].code == code  # OCR leaves a word in small letters


def test_a_decomposed_text_is_read_as_a_composed_one() -> None:
    texts = [
        ARTICLE_1["nn"],
        ARTICLE_1["el"],
        ARTICLE_1["el"][:60],
    ]  # the model takes decomposed Greek for ancient Greek
    assert detect([unicodedata.normalize("NFD", text) for text in texts]) == detect(texts)
    assert all(found.sure for found in detect(texts))


def test_a_long_text_is_judged_by_its_beginning_unless_that_is_doubtful() -> None:
    clear = NYNORSK_REVIEW * 2 + ARTICLE_1["en"] * 40
    assert codes([clear]) == ["nn"]
    doubtful = "1 2 3 4 5 6 7 8 9 10 " * 60 + ARTICLE_1["en"] * 4
    assert codes([doubtful]) == ["en"]


def test_noise_of_optical_recognition_changes_nothing() -> None:
    draw = random.Random(1)
    for code in ("nb", "nn", "da", "sv"):
        text = ARTICLE_1[code] * 2
        noisy = "".join(draw.choice("il1rn") if draw.random() < 0.03 else character for character in text)
        assert codes([noisy]) == [code]
