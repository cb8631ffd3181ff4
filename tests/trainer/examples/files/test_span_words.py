import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.errors import UserError
from trainer.examples.example import Place
from trainer.examples.files.span_words import Span, tags_of_spans, word_spans

HERE = Place("a.jsonl", 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ola ler, 5€!", ["Ola", "ler", ",", "5", "€", "!"]),
        ("Cafe\u0301 d'or", ["Cafe\u0301", "d", "'", "or"]),
        ("so\u00adft \u200bx", ["so\u00adft", "\u200bx"]),
        ("snake_case [SEP]", ["snake_case", "[", "SEP", "]"]),
        ("❤\ufe0f a", ["❤\ufe0f", "a"]),
        ("हिन्दी", ["हिन्दी"]),
        (" \n\x00", []),
    ],
)
def test_words(text, words):
    assert [text[start:end] for start, end in word_spans(text)] == words


@given(st.text())
def test_words_cover_all_that_is_no_space_in_order(text):
    spans = word_spans(text)
    assert all(start < end for start, end in spans)
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(spans))
    outside = set(range(len(text))) - {i for start, end in spans for i in range(start, end)}
    assert all(text[i].isspace() or text[i] < " " or "\x7f" <= text[i] < "\xa0" for i in outside)


def test_spans_become_tags():
    text = "Ola Nordmann bor i Oslo."
    tags, widened = tags_of_spans([Span(19, 23, "LOC"), Span(0, 12, "PER")], word_spans(text), text, HERE)
    assert tags == ("B-PER", "I-PER", "O", "O", "B-LOC", "O")
    assert widened == 0


def test_a_span_inside_of_a_word_is_widened_and_counted():
    text = "Oslofjorden er fin"
    assert tags_of_spans([Span(0, 4, "LOC")], word_spans(text), text, HERE) == (("B-LOC", "O", "O"), 1)


@pytest.mark.parametrize(
    ("spans", "why"),
    [
        ([(0, 99, "X")], "is not inside of the text, which has 14 characters"),
        ([(-1, 3, "X")], "is not inside"),
        ([(3, 3, "X")], "is not inside"),
        ([(0, 5, "X"), (4, 8, "Y")], r"\[4, 8\) Y overlaps \[0, 5\) X"),
        ([(3, 4, "X")], "holds no word"),
        ([(4, 6, "X"), (6, 9, "Y")], "begins in a word of the span before it"),
    ],
)
def test_spans_that_make_no_tags_are_refused(spans, why):
    text = "Ola Nordmann !"
    with pytest.raises(UserError, match=f"^a.jsonl:1: the span .*{why}"):
        tags_of_spans([Span(*span) for span in spans], word_spans(text), text, HERE)


@given(st.text("ab .\u0301", min_size=1), st.data())
def test_the_words_of_a_span_have_its_type(text, data):
    words = word_spans(text)
    bounds = sorted(data.draw(st.sets(st.integers(0, len(words)), max_size=6))) if words else []
    pairs = list(zip(bounds[::2], bounds[1::2], strict=False))
    spans = [Span(words[first][0], words[last - 1][1], "X") for first, last in pairs]
    tags, widened = tags_of_spans(spans, words, text, HERE)
    assert widened == 0
    assert [i for i, tag in enumerate(tags) if tag == "B-X"] == [first for first, _ in pairs]
    assert [i for i, tag in enumerate(tags) if tag != "O"] == [i for first, last in pairs for i in range(first, last)]
