"""What the tasks with a head of their own have in common: a weighted loss, and one figure that people understand."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from keras import ops

from trainer.model.config import BertConfig
from trainer.model.size import HeadSize
from trainer.model.task_heads import LOGITS, TaskHead, build_with_task_head, task_head_size
from trainer.plans.plan import Phase
from trainer.tasks.losses import divisor
from trainer.tasks.task import Batch, Scalars, Task

INPUTS = ("input_ids", "input_mask", "segment_ids")
SUMS = ("loss", "weight", "figure", "figure_weight", "instances", "tokens")


@dataclass(frozen=True)
class Measured:
    """Sums over the rows of a micro batch, float32 scalars."""

    loss: Any  # times the weights
    figure: Any
    figure_weight: Any


def head_task(
    head: TaskHead, figure: str, measure: Callable[[Any, Batch], Measured], weight: Callable[[Batch], Any]
) -> Task:
    """The task of a head.

    Args:
        head: the head.
        figure: what is reported beside the loss, such as "accuracy".
        measure: from the logits and the batch, rows of `weights` 0 counting nothing.
        weight: what the loss is divided by: the sum of weights of a batch, of any number of leading axes.
    """

    def sums(outputs: Mapping[str, Any], rows: Batch) -> dict[str, Any]:
        measured = measure(outputs[LOGITS], rows)
        present = ops.cast(rows["weights"], "float32")
        values = (
            measured.loss,
            weight(rows),
            measured.figure,
            measured.figure_weight,
            ops.sum(present),
            ops.sum(ops.cast(rows["input_mask"], "float32") * present[..., None]),
        )
        return dict(zip(SUMS, values, strict=True))

    def means(sums: Scalars) -> dict[str, Any]:
        return {
            "loss": sums["loss"] / divisor(sums["weight"]),
            figure: sums["figure"] / divisor(sums["figure_weight"]),
        }

    def line(record: Mapping[str, float], digits: int) -> str:
        return f"loss {record['loss']:.{digits}f} | {figure} {record[figure]:.{digits}f}"

    def head_size(config: BertConfig, phase: Phase) -> HeadSize:
        return task_head_size(head, config, phase.sequence_length)

    return Task(
        inputs=INPUTS,
        sum_names=SUMS,
        figures=("loss", figure),
        build=functools.partial(build_with_task_head, head),
        sums=sums,
        totals=lambda batch: {"weight": weight(batch)},
        loss=lambda sums, totals: sums["loss"] / divisor(totals["weight"]),
        means=means,
        line=line,
        head_size=head_size,
    )
