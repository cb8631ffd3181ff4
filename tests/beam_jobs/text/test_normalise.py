import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.text.normalise import normalise

SPACES = "\t\x1f\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
LINE_BREAKS = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
INVISIBLE = "\xad\u200b\u2060\ufeff"

any_text = st.text(
    st.one_of(
        st.sampled_from(
            "aå.E \n" + SPACES + LINE_BREAKS + INVISIBLE + "\x00\x7f\u030a\u0301\u0327ẛ\ufb01한\u1100\u1161"
        ),
        st.characters(codec=None),
    )
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("Bare æøå.", "Bare æøå."),
        ("Bla\u030aba\u0308r", "Blåbär"),  # decomposed
        ("e\u0301\u0323", "ẹ\u0301"),  # marks reordered
        ("10\xa0000\u2009kr", "10 000 kr"),
        ("bind\xadestrek", "bindestrek"),
        ("\ufeffTittel", "Tittel"),
        ("null\x00verdi\x07", "null verdi "),
        ("en\r\nto\rtre\u2028fire\u2029fem\x85seks\fsju", "en\nto\ntre\nfire\nfem\nseks\nsju"),
        ("\r\r\n\n", "\n\n\n"),
        ("tab\tulator", "tab ulator"),
        ("zero\u200bwidth", "zerowidth"),
        ("\ud800\udfff og \udc80", "\ufffd\ufffd og \ufffd"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # a zero-width non-joiner spells the word
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("ﬁ ½ Ⅳ ① ｶ", "ﬁ ½ Ⅳ ① ｶ"),  # compatibility characters stay: NFC, not NFKC
        ("e\u0340a\u0341", "èá"),  # the grave and acute of Vietnamese are the common ones
        ("\u1f4a\u1fef\u1ffd\u037e\u0387", "Ὂ`´;·"),  # of Greek: spacing grave, acute, question mark, dot
        ("\u2126 \u212b", "Ω Å"),  # ohm and angstrom signs are letters in NFC
        ("“«„–—…•·§€", "“«„–—…•·§€"),
        ("\ue000\U0010ffff\u0378", "\ue000\U0010ffff\u0378"),  # private use and unassigned
    ],
)
def test_examples(text, expected):
    assert normalise(text) == expected


def test_every_single_character():
    for code in range(0x110000):
        char = chr(code)
        if char == "\n" or char in LINE_BREAKS:
            expected = "\n"
        elif char in INVISIBLE:
            expected = ""
        elif unicodedata.category(char) in ("Cc", "Zs", "Zl", "Zp"):
            expected = " "
        elif unicodedata.category(char) == "Cs":
            expected = "\ufffd"
        else:
            expected = unicodedata.normalize("NFC", char)
        assert normalise(char) == expected, f"U+{code:04X}"


@given(any_text)
def test_nothing_else_is_altered(text):
    expected = "".join(
        "\n"
        if char == "\n" or char in LINE_BREAKS
        else ""
        if char in INVISIBLE
        else " "
        if unicodedata.category(char) in ("Cc", "Zs", "Zl", "Zp")
        else "\ufffd"
        if unicodedata.category(char) == "Cs"
        else char
        for char in text.replace("\r\n", "\n")
    )
    assert normalise(text) == unicodedata.normalize("NFC", expected)


@given(any_text)
def test_normalising_twice_changes_nothing_more(text):
    once = normalise(text)
    assert normalise(once) == once
    once.encode()  # no lone surrogate is left


def test_clean_text_is_returned_as_it_is():
    for text in ["ascii only\n" * 100, "blåbærsyltetøy, «så» og §\n" * 100, "tankestrek – “anførsel” …\n" * 100]:
        assert normalise(text) is text
