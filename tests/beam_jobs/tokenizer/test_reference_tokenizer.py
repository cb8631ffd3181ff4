import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from beam_jobs.tokenizer.reference_tokenizer import ReferenceTokenizer, _strip_accents

# Letters that decompose, marks that are stripped, and combining characters that are kept and put into order.
DECOMPOSING = "aåé한ΐ≠\u0301\u0327\u0345\u1b44\u302e\u302f\U0001d15e\U0001d165\U0001d16d\u0344\u1715"


@given(st.one_of(st.text(st.sampled_from(DECOMPOSING)), st.text()))
@example("a\u302e\u0301\u1b44b\u302f\u0327\u1b44")
def test_accents_are_stripped_as_by_nfd(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    assert _strip_accents(text) == "".join(c for c in decomposed if unicodedata.category(c) != "Mn")


def test_the_steps() -> None:
    cased = ReferenceTokenizer({}, 0, lower_case=False)
    lower = ReferenceTokenizer({}, 0, lower_case=True)
    text = "Blå\u00adbær, «Ὀδυσσεύς»\u2028[MASK] 漢字a\ufffd\0b\u00a0c_d 3½€ Σ ΑΣ"
    assert list(cased.words(text)) == [
        *("Blåbær", ",", "«", "Ὀδυσσεύς", "»", "[", "MASK", "]", "漢", "字", "ab", "c", "_", "d", "3½€", "Σ", "ΑΣ"),
    ]
    assert list(lower.words(text))[:8] == ["blabær", ",", "«", "οδυσσευς", "»", "[", "mask", "]"]
    assert list(lower.words(text))[-2:] == ["σ", "ας"]


def test_longest_pieces_first() -> None:
    ids = {"un": 1, "unaf": 2, "##f": 3, "##fable": 4, "##a": 5, "##able": 6, "a": 7}
    tokenizer = ReferenceTokenizer(ids, 0, lower_case=False, max_input_chars_per_word=10)
    assert tokenizer.tokenize("unaffable a unx aaaaaaaaaa aaaaaaaaaaa") == [2, 4, 7, 0, 7, *[5] * 9, 0]
