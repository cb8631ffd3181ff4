"""Questions about a context: the answer is a part of it, or there is none. Long contexts lie in several windows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainer.examples.example import QuestionExample
from trainer.examples.fields import answer_fields
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.ids import Purpose
from trainer.examples.files.question_examples import read_questions
from trainer.examples.labels import Labels
from trainer.examples.question_rows import encode_questions, question_remarks
from trainer.examples.text_pieces import TextPieces
from trainer.examples.windows import WindowSettings
from trainer.export.finetuned.task_form import ANSWERS, TaskForm
from trainer.finetuning.settings import TaskSettings
from trainer.finetuning.task_data import EncodedExamples, Predicted
from trainer.scores.n_best import n_best
from trainer.scores.prediction_rows import answer_row, null_odds
from trainer.scores.predictions import Predictions
from trainer.tasks.answering import answering
from trainer.tasks.task import Task


@dataclass(frozen=True)
class AnswerTask:
    """The task answer; see `TaskData`."""

    settings: TaskSettings
    labels: Labels  # none
    pieces: TextPieces
    columns: ColumnSettings
    pad_id: int = 0

    @property
    def form(self) -> TaskForm:
        """The task in a model folder."""
        return TaskForm(ANSWERS)

    def read(self, uri: str, purpose: Purpose) -> tuple[tuple[QuestionExample, ...], tuple[str, ...]]:
        """The examples of a file, and remarks."""
        found = read_questions(uri, self.columns, purpose=purpose)
        return found.examples, found.remarks

    def encode(self, examples: Sequence[QuestionExample], *, labelled: bool) -> EncodedExamples:
        """The windows of all examples. Where no window holds the whole answer, [CLS] is the answer of each of them."""
        settings = self.settings
        cut = WindowSettings(settings.max_seq_length, settings.window_overlap, settings.max_question_length)
        windows = encode_questions(examples, self.pieces, cut)
        remarks = question_remarks(examples, windows, cut) if labelled else ()
        return EncodedExamples(windows, answer_fields(windows), remarks)

    def task(self, dropout: float, class_weights: tuple[float, ...]) -> Task:
        """The task to train; it has no dropout before the head."""
        return answering()

    def class_weights(self, examples: Sequence[QuestionExample]) -> tuple[float, ...]:
        """None: answers are not weighted."""
        return ()

    def predict(
        self, examples: Sequence[QuestionExample], encoded: EncodedExamples, logits: Sequence[np.ndarray]
    ) -> Predicted:
        """The best answers of every question, as parts of its context."""
        by_example: list[list[int]] = [[] for _ in examples]
        for at, window in enumerate(encoded.rows):
            by_example[window.example].append(at)
        rows = []
        for example, places in zip(examples, by_example, strict=True):
            best = n_best(
                [encoded.rows[at] for at in places],
                [logits[at][:, 0] for at in places],
                [logits[at][:, 1] for at in places],
                example.context,
                size=self.settings.n_best,
                max_answer_pieces=self.settings.max_answer_pieces,
            )
            gold = None if example.answers is None else [answer.text for answer in example.answers]
            rows.append(answer_row(example.id, best, gold, self.settings.null_threshold))
        predicted = [row["answer"] for row in rows]
        odds = tuple(null_odds(row) for row in rows) if self.settings.null_threshold is not None else None
        spans = tuple(row["n_best"][0]["text"] if row["n_best"] else "" for row in rows)
        return Predicted(tuple(rows), _predictions(examples, predicted, odds, spans if odds else None))

    def baseline(self, train: Sequence[QuestionExample], examples: Sequence[QuestionExample]) -> Predictions:
        """No answer, to every question."""
        return _predictions(examples, [""] * len(examples))


def _predictions(
    examples: Sequence[QuestionExample],
    predicted: Sequence[str],
    odds: tuple[float, ...] | None = None,
    spans: tuple[str, ...] | None = None,
) -> Predictions:
    golds = [None if one.answers is None else tuple(answer.text for answer in one.answers) for one in examples]
    gold = None if any(texts is None for texts in golds) else tuple(golds)
    ids = tuple(example.id for example in examples)
    return Predictions("answering", ids, tuple(predicted), gold, null_odds=odds, best_spans=spans)
