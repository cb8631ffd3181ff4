import pytest

from beam_jobs.language_detection.norwegian import nynorsk_words
from tests.beam_jobs.language_detection.texts import ARTICLE_1, BOKMAAL_REVIEW, NYNORSK_REVIEW


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Eg veit ikkje kva dei heiter", 6),
        ("Jeg vet ikke hva de heter", -5),
        ("vanlege moglegheiter og dialogane", 3),
        ("vanlige muligheter og dialogene", -3),
        ("EG OG HO", 1),
        ("Han og hun", -1),
        ("lege leg het ane hvit", 0),  # of short words only the listed count
        ("også derfor første", 0),  # right in both
        ("", 0),
        ("1234 語", 0),
    ],
)
def test_words_of_one_standard_are_counted(text: str, words: int) -> None:
    assert nynorsk_words(text) == words


def test_two_texts_that_say_the_same() -> None:
    assert nynorsk_words(NYNORSK_REVIEW) > 12
    assert nynorsk_words(BOKMAAL_REVIEW) < -12
    assert nynorsk_words(ARTICLE_1["nn"]) > 0 > nynorsk_words(ARTICLE_1["nb"])
