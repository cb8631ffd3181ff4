"""A tag for each word: its first piece is classified (Devlin et al. 2018, section 5.3), other pieces do not count.

Besides the inputs of the model, a batch has `labels`, int32 [rows, length], and `label_weights`, float32 [rows, length], 0
where no word begins; and `weights`, float32 [rows], 0 for rows that only fill up the batch. Every word counts the same, in
whatever text it is.
"""

import functools
from typing import Any

from keras import ops

from trainer.model.cross_entropy import cross_entropy
from trainer.model.task_heads import CLASSIFIER, TaskHead
from trainer.tasks.head_task import Measured, head_task
from trainer.tasks.task import Batch, Task


@functools.cache
def tagging(labels: int, dropout: float = 0.1) -> Task:
    """The task, for so many tags."""

    def measure(logits: Any, rows: Batch) -> Measured:
        loss, correct = cross_entropy(logits, rows["labels"])
        weights = rows["label_weights"]
        return Measured(ops.sum(loss * weights), ops.sum(correct * weights), ops.sum(weights))

    head = TaskHead(CLASSIFIER, labels, on_pieces=True, dropout=dropout)
    return head_task(head, "accuracy", measure, lambda batch: ops.sum(batch["label_weights"]))
