"""A tag for each word: its first piece is classified (Devlin et al. 2018, section 5.3), other pieces do not count.

Besides the inputs of the model, a batch has `labels`, int32 [rows, length], and `label_weights`, float32 [rows, length], 0
where no word begins; and `weights`, float32 [rows], 0 for rows that only fill up the batch. Every word counts the same, in
whatever text it is, unless tags have weights.
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
def tagging(labels: int, dropout: float = 0.1, class_weights: tuple[float, ...] = ()) -> Task:
    """The task, for so many tags.

    `class_weights` are factors of the losses of words by their tag; the loss is divided by their sum, so that they change
    what is learned and not the size of a step. Empty: all 1.
    """
    factors = np.array(class_weights, np.float32)

    def weights_of(batch: Batch) -> Any:
        if not class_weights:
            return batch["label_weights"]
        return ops.take(ops.convert_to_tensor(factors), batch["labels"], axis=0) * batch["label_weights"]

    def measure(logits: Any, rows: Batch) -> Measured:
        loss, correct = cross_entropy(logits, rows["labels"])
        return Measured(
            loss=ops.sum(loss * weights_of(rows)),
            figure=ops.sum(correct * rows["label_weights"]),
            figure_weight=ops.sum(rows["label_weights"]),
        )

    head = TaskHead(CLASSIFIER, labels, on_pieces=True, dropout=dropout)
    return head_task(head, "accuracy", measure, lambda batch: ops.sum(weights_of(batch)))
