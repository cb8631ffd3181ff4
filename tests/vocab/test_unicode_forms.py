"""Normalization against `unicodedata`, which is right everywhere and slow only on long runs of marks."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocab import unicode_forms
from vocab.unicode_forms import to_nfc, to_nfd

MARKS = [chr(code) for code in range(0x110000) if unicodedata.combining(unicodedata.normalize("NFD", chr(code))[0])]
ONE_OF_EACH_CLASS = list({unicodedata.combining(mark): mark for mark in MARKS}.values())
# Starters that compose with a mark, with a later starter, or never: letters, Hangul in syllables and letters (jamo),
# Indic vowel signs, composition exclusions, characters that decompose to several, Tibetan signs of class 0 that decompose
# to marks, and letters beyond U+FFFF.
STARTERS = "aeoUαωи한\u1112\u1161\u11ab\uac00\u0bc6\u0bbe\u09c7\u09be\u0958\u2adc\ufb1d\u1e9bǖ\u01d5\u0f73\u0f75\u0f81"
STARTERS += "\U0001109a\U000110ba\U00011131\U0001d15e\U0001f600 .\n"

runs = st.text(st.one_of(st.sampled_from(MARKS), st.sampled_from(ONE_OF_EACH_CLASS)), min_size=25, max_size=120)
texts = st.lists(st.one_of(runs, st.text(st.sampled_from(STARTERS), max_size=3), st.text(max_size=3))).map("".join)


@given(texts)
def test_long_and_short_runs_of_marks_are_normalised_as_by_unicodedata(text):
    assert to_nfc(text) == unicodedata.normalize("NFC", text)
    assert to_nfd(text) == unicodedata.normalize("NFD", text)


@pytest.mark.parametrize("length", range(25, 70))
@pytest.mark.parametrize("before", range(0, 15, 2))
def test_runs_of_every_length_at_every_place(length, before):
    text = "x" * before + ("\u0301\u0323\u0f73\u0345" * length)[:length] + "y"
    assert to_nfc(text) == unicodedata.normalize("NFC", text)


def test_every_mark_alone_in_a_long_run():
    for mark in MARKS:
        text = "ế" + (mark + "\u0323") * 25 + "e"
        assert to_nfd(text) == unicodedata.normalize("NFD", text), f"U+{ord(mark):04X}"


def test_what_decomposes_to_a_mark_first_decomposes_to_marks_only():
    for mark in MARKS:
        assert unicode_forms._FIRST_MARK <= ord(mark) <= unicode_forms._LAST_MARK
        assert all(map(unicodedata.combining, unicodedata.normalize("NFD", mark))), f"U+{ord(mark):04X}"


def test_unicodedata_is_given_long_runs_in_order(monkeypatch):
    """Its time is quadratic in the marks that it has to move, so there must be none in a long run."""
    seen = []
    monkeypatch.setattr(
        unicode_forms.unicodedata,
        "normalize",
        lambda form, text, real=unicodedata.normalize: seen.append(text) or real(form, text),
    )
    to_nfc("e" + "\u0301\u0323" * 100_000 + "e")
    classes = list(map(unicodedata.combining, max(seen, key=len)[1:-1]))
    assert len(classes) == 200_000
    assert classes == sorted(classes)


def test_ten_million_marks_are_a_matter_of_seconds():
    text = "e" + "\u0301\u0323" * 5_000_000
    assert to_nfc(text) == "ẹ" + "\u0323" * 4_999_999 + "\u0301" * 5_000_000


def test_text_without_a_long_run_is_handed_over_as_it_is():
    for text in ("", "ascii", "blåbær", "a\u030a" * 100, "\U0001f600" * 100, "שָׁלוֹם " * 100):
        assert unicode_forms._order_long_runs(text) == text
