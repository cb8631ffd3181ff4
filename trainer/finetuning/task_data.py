"""What fine-tuning needs of a kind of task: rows from examples, and predictions from logits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from trainer.examples.fields import Fields
from trainer.examples.files.ids import Purpose
from trainer.examples.labels import Labels
from trainer.export.finetuned.task_form import TaskForm
from trainer.finetuning.settings import TaskSettings
from trainer.scores.predictions import Predictions
from trainer.tasks.task import Task


@dataclass(frozen=True, eq=False)
class EncodedExamples:
    """The rows of some examples, and what a user should know about them, a line each."""

    rows: Sequence[Any]  # EncodedText, WordWindow or QuestionWindow
    fields: Fields
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Predicted:
    """Predictions for some examples: for people and tools by row, and for the scores by kind."""

    rows: tuple[dict[str, Any], ...]  # of predictions/*.jsonl
    predictions: Predictions


class TaskData(Protocol):
    """One task on the examples of one model's vocabulary. `text_task`, `tag_task` and `answer_task` are its three forms."""

    settings: TaskSettings
    pad_id: int

    @property
    def form(self) -> TaskForm:
        """The task in a model folder."""

    @property
    def labels(self) -> Labels:
        """The labels in the order of the logits; of answers and numbers none."""

    def read(self, uri: str, purpose: Purpose) -> tuple[tuple[Any, ...], tuple[str, ...]]:
        """The examples of a file, and remarks. Raises UserError for what is wrong in it."""

    def encode(self, examples: Sequence[Any], *, labelled: bool) -> EncodedExamples:
        """The rows of examples. Raises UserError for a label that is none of `labels`."""

    def task(self, dropout: float, class_weights: tuple[float, ...]) -> Task:
        """The task to train."""

    def class_weights(self, examples: Sequence[Any]) -> tuple[float, ...]:
        """Weights that let every label count the same."""

    def predict(self, examples: Sequence[Any], encoded: EncodedExamples, logits: Sequence[np.ndarray]) -> Predicted:
        """The predictions, from the logits of each row: float32 [outputs], or [pieces, outputs]."""

    def baseline(self, train: Sequence[Any], examples: Sequence[Any]) -> Predictions:
        """What one predicts who has only counted the labels of the training examples."""
