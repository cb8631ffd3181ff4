"""The keys of lines are those of a plain oracle: folded words, digits as 0."""

import unicodedata

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beam_jobs.duplicates.line_keys import line_keys
from tests.beam_jobs.duplicates.oracle import MASK, mix, word_hash, words_of

ANY_LINE = st.text(st.one_of(st.characters(codec=None), st.sampled_from("aB1 7٣.,åØ語ไΣİ\u0301\ud800")), max_size=40)


def line_words(line: str) -> list[str]:
    return words_of("".join("0" if unicodedata.category(character) == "Nd" else character for character in line))


def line_key(line: str) -> int:
    key, words = 0x452821E638D01377, line_words(line)
    for word in map(word_hash, words):
        key = (key ^ word) * 0xFF51AFD7ED558CCD & MASK
        key ^= key >> 29
    return max(mix(key ^ len(words)), 1) if words else 0


def keys_of(*lines: str | bytes) -> tuple[list[int], list[int]]:
    encoded = [line if isinstance(line, bytes) else line.encode("utf-8", "surrogatepass") for line in lines]
    ends = np.cumsum([len(line) for line in encoded], dtype=np.int64)
    found = line_keys(np.frombuffer(b"".join(encoded), np.uint8), ends)
    return found.keys.tolist(), found.words.tolist()


@given(st.lists(ANY_LINE, max_size=5))
@example(["a語b ไ1語", "", "1", "..."])
@settings(max_examples=150, deadline=None)
def test_keys_of_any_lines(lines: list[str]) -> None:
    ended = [f"{line}\n" for line in lines]
    assert keys_of(*ended) == ([line_key(line) for line in lines], [len(line_words(line)) for line in lines])


@given(st.binary(max_size=60))
@settings(max_examples=50, deadline=None)
def test_invalid_bytes_separate_words(data: bytes) -> None:
    assert keys_of(data)[0] == [line_key(data.decode("utf-8", "replace"))]


@pytest.mark.parametrize(
    ("line", "other", "same"),
    [
        ("Side 12 av 40", "SIDE 31  av 92.", True),
        ("Side 12", "Side 3", False),  # each digit stands for itself: 00 and 0
        ("٣ ملفات", "٧ ملفات", True),
        ("10²", "10³", False),
        ("Les også:", "«Les også»", True),
        ("Les også", "også les", False),
        ("東京 2024年", "東京2025年", True),
        ("เมนู", "เมน", False),
        ("en to", "ento", False),
    ],
    ids=["digits", "more digits", "digits of Arabic", "exponents", "signs", "order", "Chinese", "Thai", "spaces"],
)
def test_which_lines_are_one_form(line: str, other: str, same: bool) -> None:
    (key, other_key), _ = keys_of(line, other)
    assert (key == other_key) == same


def test_no_words_no_key_and_no_lines_no_keys() -> None:
    assert keys_of("\n", " ... \n", "***") == ([0, 0, 0], [0, 0, 0])
    assert keys_of() == ([], [])


def test_a_line_is_read_once_however_long() -> None:
    """10 MB without a newline, and a million lines of two bytes."""
    (long, *short), words = keys_of(b"ab " * 3_500_000, *[b"x\n"] * 1_000_000)
    assert long != 0
    assert words[0] == 3_500_000
    assert set(short) == {line_key("x")}
