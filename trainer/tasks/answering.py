"""Extractive question answering: the first and the last piece of the answer (Devlin et al. 2018, sections 4.2 and 4.3).

Besides the inputs of the model, a batch has `start_positions` and `end_positions`, int32 [rows], the first and the last piece
of the answer, both 0, the place of [CLS], where the window holds none; and `weights`, float32 [rows], 0 for rows that only fill up the batch.
"""

import functools
from typing import Any

from keras import ops

from trainer.model.cross_entropy import cross_entropy
from trainer.model.task_heads import ANSWER, TaskHead
from trainer.tasks.head_task import Measured, head_task
from trainer.tasks.task import Batch, Task

_NEVER = -1e30  # for places after the end of a text: their number must not change the loss


@functools.cache
def answering() -> Task:
    """The task. Its loss is the mean of those of both ends. The accuracy counts windows where both are right.

    There is no dropout before the head, as in google-research/bert.
    """

    def measure(logits: Any, rows: Batch) -> Measured:
        within = ops.expand_dims(rows["input_mask"] > 0, -1)
        by_end = ops.moveaxis(ops.where(within, logits, _NEVER), -1, 1)
        loss, correct = cross_entropy(by_end, ops.stack([rows["start_positions"], rows["end_positions"]], -1))
        return Measured(
            loss=ops.sum(ops.mean(loss, axis=-1) * rows["weights"]),
            figure=ops.sum(ops.min(correct, axis=-1) * rows["weights"]),
            figure_weight=ops.sum(rows["weights"]),
        )

    head = TaskHead(ANSWER, 2, on_pieces=True, dropout=0.0)
    return head_task(head, "accuracy", measure, lambda batch: ops.sum(batch["weights"]))
