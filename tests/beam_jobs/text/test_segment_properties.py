"""What holds for every text: nothing is lost, altered or reordered, and every sentence fits on a line of a file."""

import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.text import segment as segment_module
from beam_jobs.text.candidates import OrdinaryWords, candidates
from beam_jobs.text.languages import known_languages
from beam_jobs.text.normalise import normalise
from beam_jobs.text.segment import segment
from beam_jobs.text.wrapped_lines import join_wrapped_lines, may_be_wrapped

LANGUAGES = [*sorted(known_languages()), ""]
MARKS = list(".!?…:;,-–—()[]«»\"'“”„‘’*。！？」「।؟\n\t \xa0\u2028\x1c\x85")
WORDS = [
    "Det",
    "Han",
    "ca",
    "osv",
    "f",
    "eks",
    "Nr",
    "A",
    "12",
    "3",
    "1998",
    "mai",
    "ord",
    "huset",
    "요",
    "雨",
    "I",
    "ß",
    "NRK",
]

any_text = st.text(st.characters(codec=None), max_size=200)
prose = st.lists(st.one_of(st.sampled_from(MARKS), st.sampled_from(WORDS), st.just(" ")), max_size=80).map("".join)


@given(st.one_of(any_text, prose, prose.map(str.lower), prose.map(str.upper)), st.sampled_from(LANGUAGES))
def test_everything_comes_out_in_order_on_lines_of_its_own(text, language):
    sentences = segment(text, language)
    assert "".join("".join(sentences).split()) == "".join(text.split())
    for sentence in sentences:
        assert sentence
        assert sentence == " ".join(sentence.split())
        assert sentence.splitlines() == [sentence]


@given(
    st.one_of(any_text, prose, prose.map(str.upper), prose.map(lambda text: text * 20)),
    st.sampled_from(LANGUAGES),
    st.sampled_from([300, 10]),
)
@settings(deadline=None)
def test_each_sentence_is_of_one_line(text, language, batch):
    """However the text is searched: by the pattern or compiled, in one batch or several, with spaces to collapse or not."""
    ends: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segment_module, "_BATCH", batch)
        sentences = segment(text, language, ends)
    assert sentences == segment(text, language)
    stripped = [line.strip() for line in text.splitlines()]
    lines = join_wrapped_lines(stripped) if may_be_wrapped(text, len(stripped)) else stripped
    of_lines = ["".join(sentences[begin:end]) for begin, end in pairwise([0, *ends])]
    assert ["".join(line.split()) for line in of_lines] == ["".join(line.split()) for line in lines]


@settings(deadline=None)  # every example compiles its pattern anew
@given(prose, st.sampled_from(["nb", "en", "de", "fr", ""]))
def test_the_short_cut_for_ordinary_words_decides_as_the_rules_do(text, language):
    text = "Vi " + text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OrdinaryWords, "learn", lambda self, token: False)
        candidates.cache_clear()
        by_the_rules = segment(text, language)
    candidates.cache_clear()
    assert segment(text, language) == by_the_rules


@given(prose, prose, st.sampled_from(LANGUAGES))
def test_long_lines_are_segmented_on_their_own(first, second, language):
    # Longer than any wrapped line, and with a capital, so that each alone is treated as both are together.
    first, second = ("Et " + "ord " * 40 + text for text in (first, second))
    assert segment(f"{first}\n{second}", language) == segment(first, language) + segment(second, language)


@given(prose, st.sampled_from(LANGUAGES))
def test_normalised_text_can_be_written(text, language):
    for sentence in segment(normalise(text), language):
        sentence.encode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_white_space_character_is_collapsed(language):
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        if char.isspace():
            assert segment(f"Vi{char}så{char * 2}det", language) in (["Vi så det"], ["Vi", "så", "det"]), (
                f"U+{code:04X}"
            )
