"""The fields of batches for each task, row by row: what the model is given, and what it should answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from trainer.examples.question_rows import QuestionWindow
from trainer.examples.text_rows import EncodedText
from trainer.examples.word_rows import WordWindow


class _Row(Protocol):
    @property
    def ids(self) -> np.ndarray: ...

    @property
    def segment_ids(self) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class Fields:
    """The rows of a data set, by the name of a field.

    Attributes:
        per_piece: for each field, arrays [pieces of the row]; `input_ids` and `segment_ids` are two of them.
        per_row: for each field, an array [rows, ...]; `weights`, float32 [rows], is one of them.
    """

    per_piece: Mapping[str, Sequence[np.ndarray]]
    per_row: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def lengths(self) -> np.ndarray:
        """The pieces of each row: int64 [rows]."""
        return np.array([len(ids) for ids in self.per_piece["input_ids"]], np.int64)


def label_fields(
    rows: Sequence[EncodedText], label_ids: np.ndarray | None, class_weights: np.ndarray | None = None
) -> Fields:
    """One label a row: `labels`, int32 [rows], from int32 [examples]; without any, only the inputs.

    `weights` are those of the classes, float32 [labels], or 1.
    """
    if label_ids is None:
        return Fields(_inputs(rows), _weights(rows))
    labels = label_ids[[row.example for row in rows]].astype(np.int32)
    weights = np.ones(len(rows), np.float32) if class_weights is None else class_weights[labels].astype(np.float32)
    return Fields(_inputs(rows), {"labels": labels, "weights": weights})


def target_fields(rows: Sequence[EncodedText], targets: np.ndarray) -> Fields:
    """Numbers to predict, [examples], or 1 for each of several labels that an example has, [examples, labels].

    They are `targets`, float32 [rows] or [rows, labels].
    """
    of_rows = targets[[row.example for row in rows]].astype(np.float32)
    return Fields(_inputs(rows), {"targets": of_rows, **_weights(rows)})


def tag_fields(
    rows: Sequence[WordWindow], tag_ids: Sequence[np.ndarray] | None, class_weights: np.ndarray | None = None
) -> Fields:
    """Tags at the first pieces of words: `labels` and `label_weights`, int32 and float32 [pieces].

    The weight is 0 at other pieces, and at words that other windows predict. `tag_ids` has int32 [words] for each
    example.
    """
    if tag_ids is None:
        return Fields(_inputs(rows), _weights(rows))
    labels, weights = [], []
    for row in rows:
        of_row, weight = np.zeros(len(row.ids), np.int32), np.zeros(len(row.ids), np.float32)
        of_row[row.first_pieces] = tag_ids[row.example][row.words]
        weight[row.first_pieces] = 1 if class_weights is None else class_weights[of_row[row.first_pieces]]
        labels.append(of_row)
        weights.append(weight)
    return Fields({**_inputs(rows), "labels": labels, "label_weights": weights}, _weights(rows))


def answer_fields(rows: Sequence[QuestionWindow]) -> Fields:
    """Answers of windows: `start_positions` and `end_positions`, int32 [rows].

    `answer_mask`, int32 [pieces], is 1 where an answer can begin or end: at the context, and at [CLS] for "no answer".
    """
    masks = []
    for row in rows:
        mask = (row.starts >= 0).astype(np.int32)
        mask[0] = 1
        masks.append(mask)
    places = np.array([row.answer for row in rows], np.int32).reshape(-1, 2)
    positions = {"start_positions": places[:, 0], "end_positions": places[:, 1]}
    return Fields({**_inputs(rows), "answer_mask": masks}, {**positions, **_weights(rows)})


def _inputs(rows: Sequence[_Row]) -> dict[str, Sequence[np.ndarray]]:
    return {"input_ids": [row.ids for row in rows], "segment_ids": [row.segment_ids for row in rows]}


def _weights(rows: Sequence[_Row]) -> dict[str, np.ndarray]:
    return {"weights": np.ones(len(rows), np.float32)}
