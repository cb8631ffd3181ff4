"""What the training loop needs of a task: the model, the sums over a batch, the loss, and the figures to report.

All of these are pure functions of arrays. A batch has one entry for each field, [rows, ...]. A mean is always over the
whole batch, all micro batches and devices: the sum of weighted losses divided by the sum of weights, never a mean of
means. So a task first returns sums, which can be added up, and divides afterwards.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from trainer.model.config import BertConfig
from trainer.model.encoder_with_heads import EncoderWithHeads
from trainer.model.size import HeadSize
from trainer.plans.plan import Phase

Batch = Mapping[str, Any]
Scalars = Mapping[str, Any]  # float32 by name; traced inside a step, Python floats on the host


@dataclass(frozen=True, eq=False)
class Task:
    """One task. Phases that have the same object share a compilation.

    The functions take arrays or floats by name. They are:

        build(config, compute_dtype=, rematerialise=, seed=, attention=)
                                 the Keras model, an encoder with the task's heads; with seed None its weights are zeros
        sums(outputs, batch)     the `sum_names`, from the model's outputs and the labels of one micro batch
        totals(batch)            those of the sums that the losses are divided by. They follow from the batch alone,
        which
                                 is all micro batches here, [micro batches, rows, ...]
        loss(sums, totals)       what is minimised: a sum over micro batches of this is the loss of the batch
        means(sums)              the `figures`, from sums over a whole batch, or over all of an evaluation
        line(record, digits)     the figures of a record in a line of the log
        head_size(config, phase) what the heads add to the encoder's size, for estimates of memory and speed
        targets(frozen, batch)   more fields of a micro batch, from arrays that do not change, such as a teacher's weights.
                                 They are an argument of the compiled step: neither constants in it nor a part of the
                                 state. None if the task has none
    """

    inputs: tuple[str, ...]  # fields of a batch for the model; missing ones are left out
    sum_names: tuple[str, ...]  # "instances" and "tokens" are two of them
    figures: tuple[str, ...]  # in the order of a record; "loss" is one of them
    build: Callable[..., EncoderWithHeads]
    sums: Callable[[Mapping[str, Any], Batch], dict[str, Any]]
    totals: Callable[[Batch], dict[str, Any]]
    loss: Callable[[Scalars, Scalars], Any]
    means: Callable[[Scalars], dict[str, Any]]
    line: Callable[[Mapping[str, float], int], str]
    head_size: Callable[[BertConfig, Phase], HeadSize]
    targets: Callable[[Mapping[str, Any], Batch], Mapping[str, Any]] | None = None
