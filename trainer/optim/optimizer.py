"""What the training step asks of an optimizer: a state of its own shape, and one update as a pure function.

The state is any tree of nested dictionaries of arrays. Nothing outside an optimizer looks into it: the step hands it on,
a checkpoint stores it, and a phase that begins anew replaces it by `initial_state`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from trainer.optim.exclusions import Rule

Tree = Mapping[str, Any]  # from a variable's path to its array, so that the same code runs traced by JAX and TensorFlow
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
    """How weights move. Two phases share a compilation when they have the same object; see `optimizers.optimizer_of`."""

    initial_state: Callable[[Mapping[str, tuple[int, ...]]], OptimizerState]  # of weights of these shapes; host arrays
    update: Update
    bytes_per_weight: float  # of the state, on average: for the estimate of memory
    clip_norm: float = 0.0  # largest L2 norm of the gradient of a whole batch; 0: no clipping
