"""A number for a text or a pair of texts: the squared error of one output.

Besides the inputs of the model, a batch has `targets`, float32 [rows], and `weights`, float32 [rows], 0 for rows that only fill
up the batch.
"""

import functools
from typing import Any

from keras import ops

from trainer.model.task_heads import CLASSIFIER, TaskHead
from trainer.tasks.head_task import Measured, head_task
from trainer.tasks.task import Batch, Task


@functools.cache
def regression(dropout: float = 0.1) -> Task:
    """The task. The figure beside the loss is the mean absolute error."""

    def measure(logits: Any, rows: Batch) -> Measured:
        error = logits[..., 0] - rows["targets"]
        return Measured(
            loss=ops.sum(ops.square(error) * rows["weights"]),
            figure=ops.sum(ops.abs(error) * rows["weights"]),
            figure_weight=ops.sum(rows["weights"]),
        )

    head = TaskHead(CLASSIFIER, 1, on_pieces=False, dropout=dropout)
    return head_task(head, "absolute_error", measure, lambda batch: ops.sum(batch["weights"]))
