"""Questions and their contexts as windows of pieces, for extractive question answering (Devlin et al. 2018, section 4.2)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beam_jobs.errors import UserError
from trainer.examples.example import Answer, QuestionExample
from trainer.examples.text_pieces import Pieces, TextPieces
from trainer.examples.windows import WindowSettings, best_windows, windows

_NO_ANSWER = (0, 0)  # the place of [CLS]


@dataclass(frozen=True, eq=False)
class QuestionWindow:
    """One row: `[CLS] question [SEP] part of the context [SEP]`.

    Attributes:
        example: which example it is a part of.
        ids: int32 [pieces].
        segment_ids: int32 [pieces], 1 for the context and its [SEP].
        starts: int32 [pieces], the first character of the context that a piece stands for; -1 for other pieces.
        ends: int32 [pieces], the character behind it; -1 for other pieces.
        best: bool [pieces], whether this window shows most of what is around a piece of the context.
        answer: the first and the last piece of the first answer; (0, 0), the place of [CLS], if it is not here as a whole.
        question_cut: the number of pieces of the question that were cut off.
    """

    example: int
    ids: np.ndarray
    segment_ids: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    best: np.ndarray
    answer: tuple[int, int]
    question_cut: int = 0


def encode_questions(
    examples: Sequence[QuestionExample], pieces: TextPieces, settings: WindowSettings
) -> list[QuestionWindow]:
    """The windows of each example, in order: one at least. Together they show the whole context.

    Raises UserError if the settings leave no room.
    """
    settings.validate()
    contexts = list(dict.fromkeys(example.context for example in examples))
    encoded = dict(zip(contexts, pieces.encode(contexts), strict=True))
    questions = pieces.encode([example.question for example in examples])
    found = []
    for number, (example, question) in enumerate(zip(examples, questions, strict=True)):
        context = encoded[example.context]
        asked = question.ids[: settings.max_question_length]
        before = 1 + len(asked) + len(pieces.between)
        room = settings.max_seq_length - before - 1
        if room <= settings.window_overlap:  # with two pieces between two texts
            raise UserError(
                f"{example.place}: the question leaves no room for its context; name a smaller --window_overlap"
            )
        answer = _answer_pieces(context, example.answers[0]) if example.answers else None
        cut = windows(len(context), room, settings.window_overlap)
        best = best_windows(cut, len(context))
        for window, (start, end) in enumerate(cut):
            inside = answer is not None and start <= answer[0] and answer[1] < end
            ids, segment_ids = pieces.row(asked, context.ids[start:end])
            found.append(
                QuestionWindow(
                    example=number,
                    ids=ids,
                    segment_ids=segment_ids,
                    starts=_beside(context.starts[start:end], before, -1),
                    ends=_beside(context.ends[start:end], before, -1),
                    best=_beside(best[start:end] == window, before, False),
                    answer=_moved(answer, before - start) if inside else _NO_ANSWER,
                    question_cut=len(question) - len(asked),
                )
            )
    return found


def _beside(values: np.ndarray, before: int, filler: int | bool) -> np.ndarray:
    """Values of the context's pieces, with fillers for the pieces before them and for the [SEP] behind."""
    return np.pad(values, (before, 1), constant_values=filler)


def _moved(answer: tuple[int, int] | None, by: int) -> tuple[int, int]:
    assert answer is not None
    return answer[0] + by, answer[1] + by


def _answer_pieces(context: Pieces, answer: Answer) -> tuple[int, int] | None:
    """The first and the last piece that stand for characters of an answer; None if there are none."""
    first = int(np.searchsorted(context.ends, answer.start, "right"))
    last = int(np.searchsorted(context.starts, answer.start + len(answer.text), "left")) - 1
    return (first, last) if first <= last else None


def unreachable_answers(examples: Sequence[QuestionExample], rows: Sequence[QuestionWindow]) -> tuple[str, ...]:
    """The ids of answered questions whose first answer no window holds as a whole: they are trained as unanswerable."""
    held = {row.example for row in rows if row.answer != _NO_ANSWER}
    return tuple(example.id for number, example in enumerate(examples) if example.answers and number not in held)


def question_remarks(
    examples: Sequence[QuestionExample], rows: Sequence[QuestionWindow], settings: WindowSettings
) -> tuple[str, ...]:
    """What is unusual about questions, in words: windows, questions that were cut, and answers that no window holds."""
    remarks = [f"{len(examples):,} questions lie in {len(rows):,} windows"] if len(rows) > len(examples) else []
    cut = len({row.example for row in rows if row.question_cut})
    if cut:
        remarks.append(f"{cut:,} questions were cut to --max_question_length {settings.max_question_length} pieces")
    lost = unreachable_answers(examples, rows)
    if lost:
        shown = ", ".join(lost[:5]) + (", ..." if len(lost) > 5 else "")
        remarks.append(
            f"no window holds the whole answer of {len(lost):,} questions ({shown}); they are trained as if there were none: a "
            "larger --window_overlap shows longer answers"
        )
    return tuple(remarks)
