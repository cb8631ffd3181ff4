"""Logits of all rows of a set, and the scores of a model on it: what a run is judged by after every epoch."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from trainer.devices.runtime import Runtime
from trainer.examples.example_batches import NO_ROW, ExampleBatches
from trainer.finetuning.labelled_set import LabelledSet
from trainer.finetuning.task_data import TaskData
from trainer.model.task_heads import LOGITS
from trainer.scores.scores_of import scores_of
from trainer.tasks.task import Task
from trainer.training.step import State

Forward = Callable[[Mapping[str, Any], Mapping[str, np.ndarray]], tuple[np.ndarray, Mapping[str, Any]]]


def make_forward(model: keras.Model, task: Task, runtime: Runtime, *, labelled: bool) -> Forward:
    """The logits of a batch without dropout and, of labelled rows, the task's sums; compiled once for each shape.

    It takes `weights` and `other` of a state (see `step.py`) and a batch [rows, ...] of host arrays.
    """

    def run(shared: Mapping[str, Any], batch: Mapping[str, Any]) -> tuple[Any, Any]:
        rows = {name: value[0] for name, value in batch.items()}  # of the only micro batch
        outputs, _ = model.stateless_call(
            [shared["weights"][v.path] for v in model.trainable_variables],
            [shared["other"][v.path] for v in model.non_trainable_variables],
            {name: rows[name] for name in task.inputs},
            training=False,
        )
        return outputs[LOGITS], task.sums(outputs, rows) if labelled else {}

    compiled = runtime.compile(run)

    def forward(state: Mapping[str, Any], batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, Mapping[str, Any]]:
        shared = {"weights": state["weights"], "other": state["other"]}
        logits, sums = compiled(shared, runtime.put_batch(batch, 1))
        return np.asarray(logits, np.float32), sums

    return forward


def state_of(model: keras.Model) -> dict[str, Any]:
    """The weights of a model, in the form of a state."""
    return {
        "weights": {v.path: v.value for v in model.trainable_variables},
        "other": {v.path: v.value for v in model.non_trainable_variables},
    }


def logits_of_rows(
    forward: Forward, state: Mapping[str, Any], batches: ExampleBatches, lengths: Sequence[int] | np.ndarray
) -> tuple[list[np.ndarray], dict[str, float]]:
    """The logits of each row, in order: float32 [outputs], or [pieces, outputs]; and the sums over all rows.

    `lengths` are the pieces of each row.
    """
    found: list[np.ndarray] = [np.zeros(0, np.float32)] * len(lengths)
    total: dict[str, float] = {}
    for batch in batches.once():
        logits, sums = forward(state, batch)
        for at, values in zip(batch["rows"], logits, strict=True):
            if at != NO_ROW:
                found[at] = values[: lengths[at]] if values.ndim == 2 else values
        for name, value in sums.items():
            total[name] = total.get(name, 0.0) + float(np.asarray(value))
    return found, total


def dev_evaluator(
    data: TaskData, dev: LabelledSet, batches: ExampleBatches
) -> Callable[[keras.Model, Task, Runtime], Callable[[State], dict[str, float]]]:
    """The evaluator of a run: loss and every score of the dev set by its name, and the number of `instances`."""

    def of(model: keras.Model, task: Task, runtime: Runtime) -> Callable[[State], dict[str, float]]:
        forward = make_forward(model, task, runtime, labelled=True)

        def evaluate(state: State) -> dict[str, float]:
            logits, sums = logits_of_rows(forward, state, batches, dev.encoded.fields.lengths)
            means = {name: float(np.asarray(value)) for name, value in task.means(sums).items()}
            scores = scores_of(data.predict(dev.examples, dev.encoded, logits).predictions)["scores"]
            return {**means, **scores, "instances": float(len(dev.examples))}

        return evaluate

    return of
