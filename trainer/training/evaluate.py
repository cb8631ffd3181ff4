"""Held-out loss and accuracy: the same batches with the same masks every time, dropout off."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

from trainer.devices.runtime import Runtime, to_host
from trainer.plans.plan import Phase
from trainer.training.step import SUMS, State, batch_sums, means


class Evaluator:
    """Evaluates one phase's model; compiled once, on first use."""

    def __init__(
        self, model: keras.Model, runtime: Runtime, phase: Phase, batches: Callable[[], Iterator[dict[str, np.ndarray]]]
    ) -> None:
        """`batches()` gives the held-out batches [rows, ...] from the first on, each time the same.

        Rows that only fill up a batch have all weights 0, and so count for nothing.
        """

        def sums(weights: Any, other: Any, batch: Any) -> Any:
            return batch_sums(model, weights, other, {name: value[0] for name, value in batch.items()}, training=False)[
                0
            ]

        self._sums = runtime.compile(sums)
        self._runtime, self._phase, self._batches = runtime, phase, batches

    def __call__(self, state: State) -> dict[str, float]:
        """loss, mlm_loss, mlm_accuracy, nsp_loss, nsp_accuracy over all batches, and how many instances there were."""
        total = dict.fromkeys(SUMS, 0.0)
        for batch in self._batches():
            sums = self._sums(state["weights"], state["other"], self._runtime.put_batch(batch, 1))
            for name, value in to_host(sums).items():
                total[name] += value
        results = means(total, self._phase.next_sentence_weight)
        return {name: float(np.asarray(value)) for name, value in results.items()} | {"instances": total["nsp_weight"]}
