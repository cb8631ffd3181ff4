"""Held-out loss and accuracy: the same batches with the same labels every time, dropout off."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

from trainer.devices.device_sum import over_devices
from trainer.devices.runtime import Runtime, to_host
from trainer.tasks.task import Task
from trainer.training.loop_state import PhaseWork
from trainer.training.step import NOTHING, Frozen, State, batch_sums, with_targets


def evaluator_of(
    model: keras.Model, work: PhaseWork, runtime: Runtime, frozen: Frozen = NOTHING
) -> Callable[[State], dict[str, float]] | None:
    """What evaluates a phase: its data's own evaluator, or the task's sums over its held-out batches; None without any."""
    data = work.data
    if data.evaluator:
        return data.evaluator(model, work.task, runtime)
    return Evaluator(model, work.task, runtime, data.evaluation, frozen) if data.evaluation else None


class Evaluator:
    """Evaluates a model on the held-out batches of one phase. It is compiled once, at its first use."""

    def __init__(
        self,
        model: keras.Model,
        task: Task,
        runtime: Runtime,
        batches: Callable[[], Iterator[dict[str, np.ndarray]]],
        frozen: Frozen = NOTHING,
    ) -> None:
        """`batches()` returns the held-out batches [rows, ...] from the first on, every time the same ones.

        Rows that only fill up a batch have weights of 0, so they do not count. `frozen` are the arrays, on the devices, of a
        task with `targets`.
        """

        def local(shared: Any, batch: Any) -> Any:
            rows = with_targets(task, shared["frozen"], {name: value[0] for name, value in batch.items()})
            return {}, batch_sums(model, task, shared["weights"], shared["other"], rows, training=False)[0], {}

        share = over_devices(runtime)
        self._sums = runtime.compile(lambda shared, batch: share(local)(shared, batch)[1])
        self._task, self._runtime, self._batches, self._frozen = task, runtime, batches, dict(frozen)

    def __call__(self, state: State) -> dict[str, float]:
        """The task's figures over all batches, and the number of instances."""
        total = dict.fromkeys(self._task.sum_names, 0.0)
        shared = {"weights": state["weights"], "other": state["other"], "frozen": self._frozen}
        for batch in self._batches():
            sums = self._sums(shared, self._runtime.put_batch(batch, 1))
            for name, value in to_host(sums).items():
                total[name] += value
        means = self._task.means(total)
        return {name: float(np.asarray(means[name])) for name in self._task.figures} | {"instances": total["instances"]}
