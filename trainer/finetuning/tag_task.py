"""Words: a tag for each. A sentence that is longer than a row lies in several windows; each word is predicted in one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainer.examples.class_weights import balanced_weights
from trainer.examples.example import WordsExample
from trainer.examples.fields import tag_fields
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.ids import Purpose
from trainer.examples.files.word_examples import read_words
from trainer.examples.labels import Labels
from trainer.examples.tags import OUTSIDE
from trainer.examples.text_pieces import TextPieces
from trainer.examples.windows import WindowSettings
from trainer.examples.word_rows import encode_words, word_remarks
from trainer.export.finetuned.task_form import TOKENS, TaskForm
from trainer.finetuning.settings import TaskSettings
from trainer.finetuning.task_data import EncodedExamples, Predicted
from trainer.scores.prediction_rows import tags_row
from trainer.scores.predictions import Predictions
from trainer.tasks.tagging import tagging
from trainer.tasks.task import Task


@dataclass(frozen=True)
class TagTask:
    """The task tag; see `TaskData`."""

    settings: TaskSettings
    labels: Labels
    pieces: TextPieces
    columns: ColumnSettings
    pad_id: int = 0

    @property
    def form(self) -> TaskForm:
        """The task in a model folder."""
        return TaskForm(TOKENS, self.labels.names)

    def read(self, uri: str, purpose: Purpose) -> tuple[tuple[WordsExample, ...], tuple[str, ...]]:
        """The examples of a file, and remarks."""
        found = read_words(uri, self.columns, purpose=purpose)
        return found.examples, found.remarks

    def encode(self, examples: Sequence[WordsExample], *, labelled: bool) -> EncodedExamples:
        """The windows of all examples."""
        cut = WindowSettings(self.settings.max_seq_length, self.settings.window_overlap, max_question_length=0)
        windows = encode_words(examples, self.pieces, cut)
        tags = [self._ids(example) for example in examples] if labelled else None
        return EncodedExamples(windows, tag_fields(windows, tags), word_remarks(examples, windows))

    def task(self, dropout: float, class_weights: tuple[float, ...]) -> Task:
        """The task to train."""
        return tagging(len(self.labels), dropout, class_weights)

    def class_weights(self, examples: Sequence[WordsExample]) -> tuple[float, ...]:
        """Weights that let every tag count the same."""
        found = balanced_weights(np.concatenate([self._ids(example) for example in examples]), len(self.labels))
        return tuple(float(value) for value in found)

    def predict(
        self, examples: Sequence[WordsExample], encoded: EncodedExamples, logits: Sequence[np.ndarray]
    ) -> Predicted:
        """A tag for every word; O for a word of which the tokenizer leaves no piece."""
        tags = [[OUTSIDE] * len(example.words) for example in examples]
        for window, values in zip(encoded.rows, logits, strict=True):
            best = np.argmax(values[window.first_pieces], axis=-1)
            for word, label in zip(window.words, best, strict=True):
                tags[window.example][word] = self.labels.names[label]
        rows = tuple(
            tags_row(example.id, example.words, found, example.tags, example.text, example.offsets)
            for example, found in zip(examples, tags, strict=True)
        )
        return Predicted(rows, _predictions(examples, [tuple(found) for found in tags]))

    def baseline(self, train: Sequence[WordsExample], examples: Sequence[WordsExample]) -> Predictions:
        """The most frequent tag of the training examples, for every word."""
        counts = Counter(tag for example in train for tag in example.tags or ())
        guess = max(self.labels.names, key=lambda name: counts[name])
        return _predictions(examples, [(guess,) * len(example.words) for example in examples])

    def _ids(self, example: WordsExample) -> np.ndarray:
        return self.labels.ids([(tag, example.place) for tag in example.tags or ()])


def _predictions(examples: Sequence[WordsExample], predicted: Sequence[tuple[str, ...]]) -> Predictions:
    golds = [example.tags for example in examples]
    gold = None if any(tags is None for tags in golds) else tuple(golds)
    return Predictions("tagging", tuple(example.id for example in examples), tuple(predicted), gold)
