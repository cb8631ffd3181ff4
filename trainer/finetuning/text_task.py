"""Texts and pairs of texts: one label, any number of labels, or a number for each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainer.examples.class_weights import balanced_positive_weights, balanced_weights
from trainer.examples.example import TextExample
from trainer.examples.fields import label_fields, target_fields
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.ids import Purpose
from trainer.examples.files.text_examples import LabelKind, read_texts
from trainer.examples.labels import Labels
from trainer.examples.text_pieces import TextPieces
from trainer.examples.text_rows import encode_texts, text_remarks
from trainer.export.finetuned.task_form import NUMBER, SEQUENCE, SEVERAL, SINGLE, TaskForm
from trainer.finetuning.settings import PAIRS, REGRESS, TaskSettings
from trainer.finetuning.task_data import EncodedExamples, Predicted
from trainer.scores.prediction_rows import label_row, labels_row, value_row
from trainer.scores.predictions import Kind, Predictions
from trainer.tasks.classification import classification, multi_label
from trainer.tasks.regression import regression
from trainer.tasks.task import Task


@dataclass(frozen=True)
class TextTask:
    """The tasks classify, pairs and regress; see `TaskData`."""

    settings: TaskSettings
    labels: Labels
    pieces: TextPieces
    columns: ColumnSettings
    pad_id: int = 0

    @property
    def problem(self) -> str:
        """The kind of problem, as transformers calls it."""
        return problem_of(self.settings)

    @property
    def form(self) -> TaskForm:
        """The task in a model folder."""
        return TaskForm(SEQUENCE, self.labels.names, self.problem)

    def read(self, uri: str, purpose: Purpose) -> tuple[tuple[TextExample, ...], tuple[str, ...]]:
        """The examples of a file, and remarks."""
        kinds: dict[str, LabelKind] = {SINGLE: "one", SEVERAL: "several", NUMBER: "number"}
        pairs = self.settings.task == PAIRS or (self.settings.task == REGRESS and bool(self.columns.pair_column))
        found = read_texts(uri, self.columns, kinds[self.problem], pairs=pairs, purpose=purpose)
        return found.examples, found.remarks

    def encode(self, examples: Sequence[TextExample], *, labelled: bool) -> EncodedExamples:
        """A row for each example."""
        rows = encode_texts(examples, self.pieces, self.settings.max_seq_length)
        values = self._values(examples) if labelled else None
        single = values is None or self.problem == SINGLE
        fields = label_fields(rows, values) if single else target_fields(rows, np.asarray(values))
        return EncodedExamples(rows, fields, text_remarks(rows, self.settings.max_seq_length))

    def task(self, dropout: float, class_weights: tuple[float, ...]) -> Task:
        """The task to train."""
        if self.problem == NUMBER:
            return regression(dropout)
        make = multi_label if self.problem == SEVERAL else classification
        return make(len(self.labels), dropout, class_weights)

    def class_weights(self, examples: Sequence[TextExample]) -> tuple[float, ...]:
        """Weights that let every label count the same."""
        values = self._values(examples)
        several = self.problem == SEVERAL
        found = balanced_positive_weights(values) if several else balanced_weights(values, len(self.labels))
        return tuple(float(value) for value in found)

    def predict(
        self, examples: Sequence[TextExample], encoded: EncodedExamples, logits: Sequence[np.ndarray]
    ) -> Predicted:
        """Labels with probabilities by name, or numbers."""
        rows = []
        for example, values in zip(examples, logits, strict=True):
            gold = example.labels
            if self.problem == NUMBER:
                rows.append(value_row(example.id, float(values[0]), example.value))
            elif self.problem == SEVERAL:
                rows.append(labels_row(example.id, self._named(1 / (1 + np.exp(-values.astype(np.float64)))), gold))
            else:
                shifted = np.exp(values.astype(np.float64) - values.max())
                rows.append(label_row(example.id, self._named(shifted / shifted.sum()), gold[0] if gold else None))
        key = {NUMBER: "value", SEVERAL: "labels"}.get(self.problem, "label")
        predicted = [tuple(row[key]) if self.problem == SEVERAL else row[key] for row in rows]
        return Predicted(tuple(rows), self._predictions(examples, predicted))

    def baseline(self, train: Sequence[TextExample], examples: Sequence[TextExample]) -> Predictions:
        """The most frequent label of the training examples, those that most of them have, or their mean."""
        counts = Counter(name for example in train for name in example.labels or ())
        guess: object
        if self.problem == NUMBER:
            guess = float(np.mean([example.value for example in train]))
        elif self.problem == SEVERAL:
            guess = tuple(name for name in self.labels.names if 2 * counts[name] >= len(train))
        else:
            guess = max(self.labels.names, key=lambda name: counts[name])
        return self._predictions(examples, [guess] * len(examples))

    def _named(self, probabilities: np.ndarray) -> dict[str, float]:
        return dict(zip(self.labels.names, map(float, probabilities), strict=True))

    def _values(self, examples: Sequence[TextExample]) -> np.ndarray:
        """The labels: int32 [examples]; zeros and ones, float32 [examples, labels]; or numbers, float32 [examples]."""
        if self.problem == NUMBER:
            return np.array([example.value for example in examples], np.float32)
        named = [(name, example.place) for example in examples for name in example.labels or ()]
        ids = self.labels.ids(named)
        if self.problem == SINGLE:
            return ids
        sets = np.zeros((len(examples), len(self.labels)), np.float32)
        sets[np.repeat(np.arange(len(examples)), [len(example.labels or ()) for example in examples]), ids] = 1
        return sets

    def _predictions(self, examples: Sequence[TextExample], predicted: Sequence[object]) -> Predictions:
        kinds: dict[str, Kind] = {SINGLE: "classification", SEVERAL: "multi_label", NUMBER: "regression"}
        golds: list[object]
        if self.problem == NUMBER:
            golds = [example.value for example in examples]
        else:
            golds = [
                None if example.labels is None else example.labels if self.problem == SEVERAL else example.labels[0]
                for example in examples
            ]
        gold = None if any(value is None for value in golds) else tuple(golds)
        ids = tuple(example.id for example in examples)
        return Predictions(kinds[self.problem], ids, tuple(predicted), gold, self.labels.names)


def problem_of(settings: TaskSettings) -> str:
    """The kind of problem of classify, pairs and regress, as transformers calls it."""
    if settings.task == REGRESS:
        return NUMBER
    return SEVERAL if settings.several_labels else SINGLE
