"""The state of Adam-like optimizers: two moments of every weight, and the number of updates that they have seen.

first_moment, second_moment    path -> float32 array of the weight's shape
moment_updates                 int32
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from trainer.optim.exclusions import Rule
from trainer.optim.optimizer import Optimizer, OptimizerState, Tree
from trainer.plans.settings import OptimizerSettings

BYTES_PER_WEIGHT = 2 * 4

Moved = tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]
"""New weights, first and second moments, and the trust ratio of every layer-adapted variable."""


def zero_moments(shapes: Mapping[str, tuple[int, ...]]) -> OptimizerState:
    """The state before the first update."""

    def zeros() -> dict[str, np.ndarray]:
        return {path: np.zeros(shape, np.float32) for path, shape in shapes.items()}

    return {"first_moment": zeros(), "second_moment": zeros(), "moment_updates": np.zeros((), np.int32)}


def optimizer_with_moments(move: Callable[..., Moved], settings: OptimizerSettings) -> Optimizer:
    """The optimizer whose update is `adamw_update`, `lamb_update` or a function like them.

    Of the trust ratios, if there are any, the smallest and the largest are reported.
    """
    from keras import ops

    def update(
        weights: Tree, gradients: Tree, state: OptimizerState, *, learning_rate: Any, rules: Mapping[str, Rule]
    ) -> tuple[dict[str, Any], OptimizerState, dict[str, Any]]:
        updates = state["moment_updates"] + 1
        new, first, second, ratios = move(
            weights,
            gradients,
            state["first_moment"],
            state["second_moment"],
            updates=updates,
            learning_rate=learning_rate,
            settings=settings,
            rules=rules,
        )
        figures = {}
        if ratios:
            spread = ops.stack(list(ratios.values()))
            figures = {"trust_ratio_min": ops.min(spread), "trust_ratio_max": ops.max(spread)}
        return new, {"first_moment": first, "second_moment": second, "moment_updates": updates}, figures

    return Optimizer(zero_moments, update, BYTES_PER_WEIGHT, settings.clip_norm)
