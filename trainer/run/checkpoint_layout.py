"""Checks the form of the state in a checkpoint: that of earlier versions is read, that of another network is refused."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from beam_jobs.errors import UserError

_OUTSIDE_OF_THE_OPTIMIZER = ("weights", "other", "step")


def in_present_layout(state: dict[str, Any]) -> dict[str, Any]:
    """A stored state in the form of `training/step.py`.

    Earlier versions stored the optimizer's state beside the weights.
    """
    beside = {name: value for name, value in state.items() if name not in _OUTSIDE_OF_THE_OPTIMIZER}
    if "weights" not in state or "optimizer" in state or not beside:
        return state
    return {**{name: value for name, value in state.items() if name not in beside}, "optimizer": beside}


def require_same_network(state: Any, like: Any, place: str) -> None:
    """Raise UserError, naming the checkpoint at `place`, unless its state has the shapes of `like`."""
    stored = _shapes(state)
    for path, shape in _shapes(like).items():
        if stored.pop(path, None) != shape:
            raise UserError(f"{place}: is of another network (at {path}); use the plan it was made with")
    if stored:
        raise UserError(f"{place}: is of another network (has {next(iter(stored))}); use the plan it was made with")


def _shapes(tree: Any) -> dict[str, tuple[int, ...]]:
    leaves = jax.tree_util.tree_leaves_with_path(tree, is_leaf=lambda value: hasattr(value, "shape"))
    return {jax.tree_util.keystr(path): tuple(value.shape) for path, value in leaves}


def assign_weights(model: Any, weights: Mapping[str, Any]) -> None:
    """Put the weights of a state or checkpoint into a Keras model's variables, by path."""
    for variable in model.trainable_variables:
        variable.assign(np.asarray(weights[variable.path]))
