import unicodedata
from pydoc_data.topics import topics

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vocab.basic_tokenizer import split_words
from vocab.characters import is_ideograph, is_punctuation

NASTY = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from(
            " \t\n\x00\x0b\x1c\x85\xa0\xad\u200b\u2028\u3000\ufffd.,'\"#[]«»—¿aåÅéÉßıİΣσς̊中日ひ한\U00020000"
        ),
    )
)


@pytest.mark.parametrize(
    ("text", "cased", "uncased"),
    [
        ("Hei på deg!", ["Hei", "på", "deg", "!"], ["hei", "pa", "deg", "!"]),
        ("don't [MASK]", ["don", "'", "t", "[", "MASK", "]"], ["don", "'", "t", "[", "mask", "]"]),
        ("東京タワー", ["東", "京", "タワー"], ["東", "京", "タワー"]),
        ("a\u00adb\u200bc\x00d", ["abcd"], ["abcd"]),
        ("a\x1cb\x85c", ["abc"], ["abc"]),
        ("a\u2028b\u3000c\xa0d", ["a", "b", "c", "d"], ["a", "b", "c", "d"]),
        ("ΟΔΟΣ.", ["ΟΔΟΣ", "."], ["οδος", "."]),
        ("İ", ["İ"], ["i"]),
        ("«Ærlig»", ["«", "Ærlig", "»"], ["«", "ærlig", "»"]),
        ("", [], []),
    ],
)
def test_words(text, cased, uncased):
    assert split_words(text, lower_case=False) == cased
    assert split_words(text, lower_case=True) == uncased


@pytest.fixture(scope="module")
def reference():
    """The tokenizer shipped with tf-models-official, or that of transformers."""
    legacy = pytest.importorskip("transformers.models.bert.tokenization_bert_legacy")

    def words(text, lower_case):
        return legacy.BasicTokenizer(do_lower_case=lower_case).tokenize(text)

    return words


@pytest.mark.parametrize("lower_case", [False, True])
def test_real_text_as_the_reference(reference, lower_case):
    for text in list(topics.values())[:20]:
        assert split_words(text, lower_case) == reference(text, lower_case)


@settings(max_examples=200, deadline=None)
@given(NASTY, st.booleans())
@example("Å\u030a \u1fef\u2000\u037e", True)
def test_nasty_text_as_the_rules_say(text, lower_case):
    """The rules of google-research/bert, character by character."""
    cleaned = []
    for c in text:
        if c in "\x00\ufffd" or (unicodedata.category(c) in ("Cc", "Cf") and c not in "\t\n\r"):
            continue
        cleaned.append(f" {c} " if is_ideograph(c) else " " if c.isspace() else c)
    expected = []
    for token in "".join(cleaned).split():
        if lower_case:
            token = "".join(c for c in unicodedata.normalize("NFD", token.lower()) if unicodedata.category(c) != "Mn")
        expected += "".join(f" {c} " if is_punctuation(c) else c for c in token).split()
    assert split_words(text, lower_case) == expected


def test_million_dots_end():
    assert len(split_words("." * 1_000_000, lower_case=True)) == 1_000_000
