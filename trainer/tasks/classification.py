"""Classification of a text or a pair of texts, with one label or with any number of them.

Besides the inputs of the model, a batch has `labels`, int32 [rows], or with several labels `targets`, float32 [rows, labels] of
zeros and ones; and `weights`, float32 [rows], 0 for rows that only fill up the batch.
"""

import functools
from typing import Any

import numpy as np
from keras import ops

from trainer.model.cross_entropy import cross_entropy
from trainer.model.task_heads import CLASSIFIER, TaskHead
from trainer.tasks.head_task import Measured, head_task
from trainer.tasks.task import Batch, Task


@functools.cache
def classification(labels: int, dropout: float = 0.1, class_weights: tuple[float, ...] = ()) -> Task:
    """One label for each text: softmax and cross entropy.

    `class_weights` are factors of the losses of texts by their label; the loss is divided by their sum, so that they
    change what is learned and not the size of a step. Empty: all 1.
    """
    factors = np.array(class_weights or [1.0] * labels, np.float32)

    def weight_of(batch: Batch) -> Any:
        return ops.take(ops.convert_to_tensor(factors), batch["labels"], axis=0) * batch["weights"]

    def measure(logits: Any, rows: Batch) -> Measured:
        loss, correct = cross_entropy(logits, rows["labels"])
        return Measured(
            loss=ops.sum(loss * weight_of(rows)),
            figure=ops.sum(correct * rows["weights"]),
            figure_weight=ops.sum(rows["weights"]),
        )

    return head_task(
        TaskHead(CLASSIFIER, labels, on_pieces=False, dropout=dropout),
        "accuracy",
        measure,
        lambda batch: ops.sum(weight_of(batch)),
    )


@functools.cache
def multi_label(labels: int, dropout: float = 0.1, positive_weights: tuple[float, ...] = ()) -> Task:
    """Any number of labels for each text: a sigmoid and a binary cross entropy for each label, their mean over labels.

    `positive_weights` are factors of the loss where a label holds, by label. Empty: all 1. The accuracy is that of single
    decisions at a probability of one half.
    """
    factors = np.array(positive_weights or [1.0] * labels, np.float32)

    def measure(logits: Any, rows: Batch) -> Measured:
        holds = rows["targets"]
        missed = ops.softplus(-logits)  # -log of the probability
        loss = holds * ops.convert_to_tensor(factors) * missed + (1.0 - holds) * (logits + missed)
        correct = ops.cast(ops.equal(logits >= 0.0, holds > 0.5), "float32")
        return Measured(
            loss=ops.sum(ops.mean(loss, axis=-1) * rows["weights"]),
            figure=ops.sum(ops.mean(correct, axis=-1) * rows["weights"]),
            figure_weight=ops.sum(rows["weights"]),
        )

    return head_task(
        TaskHead(CLASSIFIER, labels, on_pieces=False, dropout=dropout),
        "accuracy",
        measure,
        lambda batch: ops.sum(batch["weights"]),
    )
