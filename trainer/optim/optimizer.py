"""What the training step needs of an optimizer: a state of any form, and one update as a pure function.

The state is a tree of nested dictionaries of arrays. Only the optimizer looks into it: the step passes it on, a
checkpoint stores it, and a phase that begins with a fresh state replaces it by `initial_state`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from trainer.optim.exclusions import Rule

Tree = Mapping[str, Any]  # from the path of a variable to its array, so that JAX and TensorFlow can both trace the code
OptimizerState = dict[str, Any]


class Update(Protocol):
    """One update of all weights."""

    def __call__(
        self,
        weights: Tree,
        gradients: Tree,
        state: OptimizerState,
        *,
        learning_rate: Any,
        rules: Mapping[str, Rule],
    ) -> tuple[dict[str, Any], OptimizerState, dict[str, Any]]:
        """New weights, the new state, and figures to report: float32 scalars, a range as NAME_min and NAME_max.

        `gradients` are those of the whole batch, clipped. The new state has the keys, shapes and dtypes of the old one.
        """


@dataclass(frozen=True, eq=False)
class Optimizer:
    """How weights change. Phases that have the same object share a compilation; see `optimizers.optimizer_of`."""

    initial_state: Callable[[Mapping[str, tuple[int, ...]]], OptimizerState]  # by shapes of weights; host arrays
    update: Update
    bytes_per_weight: float  # average size of the state, for the estimate of memory
    clip_norm: float = 0.0  # largest L2 norm of the gradient of a whole batch; 0: no clipping
