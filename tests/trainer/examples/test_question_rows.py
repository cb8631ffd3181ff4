from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.errors import UserError
from trainer.examples.example import Answer, Place, QuestionExample
from trainer.examples.question_rows import encode_questions, question_remarks, unreachable_answers
from trainer.examples.text_pieces import TextPieces
from trainer.examples.windows import WindowSettings
from trainer.export.tokenizer_files import TokenizerSettings, build_tokenizer


def example(question, context, *answers, name="1"):
    given = tuple(Answer(answer, context.index(answer)) for answer in answers)
    return QuestionExample(name, question, context, given, Place("a", 1))


def answer_of(row, context):
    first, last = row.answer
    return context[row.starts[first] : row.ends[last]]


def test_a_window_is_question_and_context(letters, cased):
    context = "I Oslo bor Ola."
    (row,) = encode_questions([example("Hvem?", context, "Ola")], cased, WindowSettings(32, 4, 8))
    assert [letters.pieces[i] for i in row.ids[:7]] == ["[CLS]", "H", "##v", "##e", "##m", "?", "[SEP]"]
    assert row.segment_ids.tolist() == [0] * 7 + [1] * (len(row.ids) - 7)
    assert row.starts[:7].tolist() == row.ends[:7].tolist() == [-1] * 7
    assert (row.starts[-1], row.ends[-1]) == (-1, -1)
    assert answer_of(row, context) == "Ola"
    assert not row.best[:7].any()
    assert row.best[7:-1].all()
    assert not row.best[-1]


def test_answers_keep_their_accents(uncased):
    context = "Pa\u030a Cafe\u0301 i dag"
    (row,) = encode_questions([example("Hvor?", context, "Cafe\u0301")], uncased, WindowSettings(32, 4, 8))
    assert answer_of(row, context) == "Cafe\u0301"


def test_long_questions_are_cut_and_counted(cased):
    examples = [example("x" * 20, "a b c", "b"), example("x", "a", name="2")]
    settings = WindowSettings(16, 4, 8)
    rows = encode_questions(examples, cased, settings)
    assert [row.question_cut for row in rows] == [12, 0]
    assert question_remarks(examples, rows, settings) == ("1 questions were cut to --max_question_length 8 pieces",)


def test_a_window_without_the_whole_answer_answers_nothing(cased):
    settings = WindowSettings(16, 1, 4)
    context = " ".join("abcdefghijklmnopqrstuvwxyz")
    examples = [example("x", context, "c"), example("x", context, "k l m n", name="2"), example("x", context, name="3")]
    rows = encode_questions(examples, cased, settings)
    held = [(row.example, answer_of(row, context) if row.answer != (0, 0) else "") for row in rows]
    assert held == [(0, "c"), (0, ""), (0, ""), (1, ""), (1, ""), (1, ""), (2, ""), (2, ""), (2, "")]
    assert unreachable_answers(examples, rows) == ("2",)
    told = question_remarks(examples, rows, settings)
    assert told[0] == "3 questions lie in 9 windows"
    assert told[1].startswith("no window holds the whole answer of 1 questions (2); ")


def test_an_answer_without_pieces_is_told(cased):
    examples = [example("x", "a \u200b b", "\u200b")]
    assert unreachable_answers(examples, encode_questions(examples, cased, WindowSettings(16, 1, 4))) == ("1",)


def test_settings_without_room_are_refused(cased):
    with pytest.raises(UserError, match="--window_overlap is 9, but a window of 16 pieces has room for 9"):
        encode_questions([], cased, WindowSettings(16, 9, 4))


@given(st.integers(0, 60), st.integers(1, 8), st.integers(0, 6))
def test_windows_are_those_of_the_tokenizers_library(letters, cased, words, asked, overlap):
    """Its `stride` is an overlap, too."""
    question, context = " ".join("q" * asked), " ".join("abcdefgh"[i % 8] for i in range(words))
    theirs = build_tokenizer(letters, TokenizerSettings(lower_case=False))
    theirs.enable_truncation(20, stride=overlap, strategy="only_second")
    first = theirs.encode(question, context)
    rows = encode_questions([example(question, context)], cased, WindowSettings(20, overlap, 8))
    assert [row.ids.tolist() for row in rows] == [window.ids for window in (first, *first.overflowing)]
    assert [row.segment_ids.tolist() for row in rows] == [window.type_ids for window in (first, *first.overflowing)]


TEXTS = st.text("abC é\u0301.\u200b", min_size=1, max_size=40)


@given(TEXTS, TEXTS, st.integers(0, 8), st.data())
def test_the_whole_context_is_shown_and_every_piece_is_best_once(uncased: TextPieces, question, context, overlap, data):
    settings = WindowSettings(20, overlap, 8)
    bounds = st.integers(0, len(context))
    start, end = sorted((data.draw(bounds), data.draw(bounds)))
    answers = (Answer(context[start:end], start),) if start < end else ()
    rows = encode_questions([QuestionExample("1", question, context, answers, Place("a", 1))], uncased, settings)
    (pieces,) = uncased.encode([context])
    spans = list(zip(pieces.starts.tolist(), pieces.ends.tolist(), strict=True))
    best = Counter()
    shown = set()
    for row in rows:
        assert len(row.ids) <= 20
        inside = row.starts >= 0
        of_row = list(zip(row.starts[inside].tolist(), row.ends[inside].tolist(), strict=True))
        shown |= set(of_row)
        best.update(list(zip(row.starts[row.best].tolist(), row.ends[row.best].tolist(), strict=True)))
        if row.answer != (0, 0):
            first, last = row.starts[row.answer[0]], row.ends[row.answer[1]]
            assert all(first <= one and two <= last for one, two in spans if one < end and start < two)
    assert shown == set(spans)
    assert best == Counter(spans)
