import string
from dataclasses import dataclass

import numpy as np
import pytest

from trainer.examples.example import Answer, Place, QuestionExample
from trainer.examples.question_rows import encode_questions
from trainer.examples.text_pieces import text_pieces
from trainer.examples.windows import WindowSettings
from trainer.export.tokenizer_files import TokenizerSettings
from trainer.scores.n_best import NO_SPAN_ODDS, n_best
from vocab.vocabulary import SPECIAL_PIECES, parse_vocabulary


@dataclass(frozen=True)
class Window:
    starts: np.ndarray
    ends: np.ndarray
    best: np.ndarray


def _window(places, best=None):
    """[CLS] question [SEP], the pieces at `places`, [SEP]."""
    outside = [(-1, -1)]
    spans = [*outside * 3, *places, *outside]
    starts, ends = np.array(spans, np.int32).T
    shown = [False] * 3 + list(best or [True] * len(places)) + [False]
    return Window(starts, ends, np.array(shown))


def _logits(count, **values):
    logits = np.full(count, -10.0, np.float32)
    for name, value in values.items():
        logits[int(name[1:])] = value
    return logits


CONTEXT = "Ole bor i Oslo by"
WORDS = [(0, 3), (4, 7), (8, 9), (10, 14), (15, 17)]


def test_the_best_answers_by_hand():
    window = _window(WORDS)
    starts, ends = _logits(9, _0=1, _6=5, _3=2), _logits(9, _0=1, _6=4, _7=3)
    found = n_best([window], [starts], [ends], CONTEXT, size=3)
    assert [(a.text, a.start, a.end, a.score) for a in found.answers] == [
        ("Oslo", 10, 14, 9.0),
        ("Oslo by", 10, 17, 8.0),
        ("Ole bor i Oslo", 0, 14, 6.0),
    ]
    assert found.null_score == 2.0
    assert found.null_odds == -7.0
    shares = np.exp([2.0, 9.0, 8.0, 6.0])
    assert [found.null_probability, *(a.probability for a in found.answers)] == pytest.approx(
        list(shares / shares.sum())
    )


def test_no_answer_where_its_odds_are_above_the_threshold():
    found = n_best([_window(WORDS)], [_logits(9, _0=3, _6=2)], [_logits(9, _0=3, _6=2)], CONTEXT)
    assert found.null_odds == 2.0
    assert found.answer() is None
    assert found.answer(2.0) == found.answers[0]
    assert found.answer(None).text == "Oslo"


def test_an_answer_has_at_most_so_many_pieces_and_does_not_end_before_it_starts():
    starts, ends = _logits(9, _3=9, _7=9), _logits(9, _7=9, _3=5)
    assert n_best([_window(WORDS)], [starts], [ends], CONTEXT).answers[0].text == CONTEXT
    short = n_best([_window(WORDS)], [starts], [ends], CONTEXT, max_answer_pieces=4)
    assert [answer.text for answer in short.answers[:2]] == ["by", "Ole"]
    assert all(len(answer.text.split()) <= 4 for answer in short.answers)


def test_a_piece_begins_an_answer_only_in_the_window_that_shows_most_around_it():
    one = _window(WORDS[:4], best=[True, True, True, False])
    other = _window(WORDS[2:], best=[False, True, True])
    high = _logits(8, _6=9)
    found = n_best([one, other], [high, _logits(7, _4=1)], [high, _logits(7, _4=1)], CONTEXT)
    assert found.answers[0].text == "Oslo"
    assert found.answers[0].score == 2.0  # not the 18 of the first window


def test_a_span_that_the_best_window_of_its_first_piece_cuts_off_comes_from_another():
    one = _window(WORDS[:4], best=[True, True, True, True])
    other = _window(WORDS[2:], best=[False, False, True])
    low = _logits(8)
    found = n_best([one, other], [low, _logits(7, _3=9)], [low, _logits(7, _5=9, _3=9)], CONTEXT)
    assert [(a.text, a.score) for a in found.answers[:1]] == [("i Oslo by", 18.0)]  # "i" alone is the first window's


def test_every_span_that_a_window_holds_is_a_candidate():
    windows = [_window(WORDS[:4], best=[True, True, True, False]), _window(WORDS[1:], best=[False] * 2 + [True] * 2)]
    logits = [_logits(8), _logits(8)]
    found = n_best(windows, logits, logits, CONTEXT, size=100)
    spans = [(i, j) for i in range(5) for j in range(i, 5) if (i, j) != (0, 4)]
    assert sorted((a.start, a.end) for a in found.answers) == sorted((WORDS[i][0], WORDS[j][1]) for i, j in spans)


def test_the_score_of_no_answer_is_the_lowest_over_the_windows():
    logits = [_logits(9, _0=5), _logits(9, _0=1)]
    assert n_best([_window(WORDS)] * 2, logits, logits, CONTEXT).null_score == 2.0


def test_each_text_once_with_its_best_place():
    context, places = "Oslo og Oslo", [(0, 4), (5, 7), (8, 12)]
    logits = _logits(7, _3=1, _5=2)
    found = n_best([_window(places)], [logits], [logits], context)
    assert [(a.text, a.start) for a in found.answers][:1] == [("Oslo", 8)]
    texts = [answer.text for answer in found.answers]
    assert len(set(texts)) == len(texts) == 5


def test_white_space_is_no_part_of_an_answer():
    context, places = "er  Oslo ", [(0, 2), (2, 8), (8, 9)]  # SentencePiece takes the space into the piece
    logits = _logits(7, _4=3, _5=4)
    found = n_best([_window(places)], [logits], [logits], context)
    assert (found.answers[0].text, found.answers[0].start, found.answers[0].end) == ("Oslo", 4, 8)
    assert all(answer.text.strip() for answer in found.answers)


def test_a_piece_that_stands_for_no_character_is_no_answer():
    logits = _logits(6, _4=9)
    found = n_best([_window([(0, 2), (2, 2)])], [logits], [logits], "er")
    assert [answer.text for answer in found.answers] == ["er"]


def test_a_context_without_a_piece_has_no_answer():
    found = n_best([_window([])], [_logits(4, _0=1)], [_logits(4, _0=1)], "")
    assert found.answers == ()
    assert found.null_odds == NO_SPAN_ODDS
    assert found.answer(100.0) is None
    assert found.null_probability == 1.0


def test_logits_of_a_padded_row():
    starts = np.concatenate([_logits(9, _6=2), [99.0] * 5])
    assert n_best([_window(WORDS)], [starts], [starts], CONTEXT).answers[0].text == "Oslo"


def test_all_spans_beside_a_plain_search():
    stream = np.random.default_rng(0)
    context = "æ" * 60
    windows, starts, ends = [], [], []
    for begin, best in ((0, range(15)), (12, range(15, 26)), (23, range(26, 30))):
        pieces = range(begin, min(begin + 18, 30))
        windows.append(
            _window([(2 * piece, 2 * piece + 2) for piece in pieces], best=[piece in best for piece in pieces])
        )
        places = pieces
        starts.append(stream.normal(size=len(places) + 4))
        ends.append(stream.normal(size=len(places) + 4))
    context = "".join(chr(0x100 + i) for i in range(60))  # every span another text
    held = {}  # by place, whether the window is the best for the first piece, and the score
    for window, s, e in zip(windows, starts, ends, strict=True):
        for i in np.flatnonzero(window.starts >= 0):
            for j in range(i, min(i + 6, len(window.starts) - 1)):
                held.setdefault((window.starts[i], window.ends[j]), []).append((window.best[i], s[i] + e[j]))
    plain = [
        (score, context[place[0] : place[1]])
        for place, found in held.items()
        for best, score in found
        if best or not any(other for other, _ in found)
    ]
    best = {}
    for score, text in sorted(plain, reverse=True):
        best.setdefault(text, score)
    found = n_best(windows, starts, ends, context, max_answer_pieces=6)
    assert [(a.text, a.score) for a in found.answers] == [(t, pytest.approx(s)) for t, s in list(best.items())[:20]]


def test_a_question_without_windows():
    with pytest.raises(ValueError, match="at least one window"):
        n_best([], [], [], CONTEXT)


@pytest.mark.parametrize(
    ("context", "answer"),
    [
        ("Pa\u030a Cafe\u0301 i dag", "Cafe\u0301"),  # accents as marks of their own
        ("Å bo på Ærøya, sa hun", "Ærøya"),
        ("x \U0001f600 Oslo \u00ad by \u200b", "Oslo \u00ad by"),
        ("a [SEP] b [MASK] c", "b [MASK] c"),
        ("İstanbul er stor", "İstanbul"),
        ("abc " * 20 + "Oslo by" + " def" * 20, "Oslo by"),
        ("a " * 40 + "b c d e f g h i" + " a" * 40, "b c d e f g h i"),
    ],
)
def test_what_windows_of_a_text_hold_is_found_in_the_original_text(context, answer):
    words = [*SPECIAL_PIECES, *string.punctuation, "å", "ø", "æ"]
    words += [f"{before}{letter}" for letter in string.ascii_lowercase for before in ("", "##")]
    pieces = text_pieces(parse_vocabulary("\n".join(words).encode(), "vocab.txt"), TokenizerSettings(lower_case=True))
    example = QuestionExample("1", "hvor?", context, (Answer(answer, context.index(answer)),), Place("a", 1))
    windows = encode_questions([example], pieces, WindowSettings(32, 9, 8))
    logits = np.zeros((2, len(windows), 32))
    for row, window in enumerate(windows):
        if window.answer != (0, 0):
            logits[0, row, window.answer[0]] = logits[1, row, window.answer[1]] = 5
    found = n_best(windows, *logits, context)
    assert found.answers[0].text == answer
    assert all(context[a.start : a.end] == a.text for a in found.answers)
