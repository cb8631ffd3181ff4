"""Texts that are large in one way: what is counted of them is known without an oracle."""

import pytest

from beam_jobs.quality.count_documents import count_documents
from beam_jobs.quality.counters import COLUMN

MILLION = 10**6


def counted(text: str, *names: str) -> list[int]:
    row = count_documents([text], ["nb"])[0]
    return [int(row[COLUMN[name]]) for name in names]


def test_ten_megabytes_without_a_newline() -> None:
    text = "lang tekst " * MILLION
    assert len(text) > 10 * MILLION
    names = "words", "lines", "repeated_lines", "paragraphs", "top_2_gram_characters"
    assert counted(text, *names) == [2 * MILLION, 1, 0, 1, 10 * MILLION]


def test_ten_megabytes_of_one_word() -> None:
    assert counted("a" * 10 * MILLION, "words", "longest_word", "c4_lines") == [1, 10 * MILLION, 0]


def test_a_million_braces() -> None:
    assert counted("{" * MILLION, "braces", "words", "text_words") == [MILLION, 1, 0]


def test_a_million_equal_lines() -> None:
    assert counted("b\n" * MILLION, "lines", "repeated_lines", "repeated_10_gram_characters") == [
        MILLION,
        MILLION - 1,
        MILLION - 10,
    ]


@pytest.mark.parametrize(
    ("text", "lines", "sentences"),
    [
        ("Dette er bra.", 1, 1),
        ("Dette er bra", 0, 0),
        ("Det er bra...", 0, 0),
        ("Er bra.", 0, 0),
        ("Hei. Dette er bra! Ja?", 1, 3),
        ("Han sa «det er bra.» Ja.", 1, 2),
        ("Dette er «bra»", 1, 1),
        ("Skru på JavaScript nå.", 0, 0),
        (f"Dette er {'x' * 1000}.", 0, 0),  # 1,001 with the full stop
        (f"Dette er {'x' * 999}.", 1, 1),
        ("This site uses cookies.", 0, 0),
    ],
)
def test_the_lines_that_c4_keeps(text: str, lines: int, sentences: int) -> None:
    assert counted(f"{text}\n", "c4_lines", "c4_sentences") == [lines, sentences]
