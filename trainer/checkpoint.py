"""Checkpoints: asynchronous, atomic, kept by the plan's rules; what a run continues from.

A checkpoint holds two items: `state`, the tree of arrays of `step.py`, and `run`, a small JSON record of what the host
knows (phase, data position, running means). Both appear together under `checkpoints/<step>/` or not at all: Orbax writes
to a temporary name and renames. Precedence when a run starts: the newest checkpoint of the output folder, else the
plan's `init.checkpoint`, else random weights.
"""

import copy
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np
import orbax.checkpoint as ocp
from orbax.checkpoint.checkpoint_managers import PreservationPolicy

from trainer.plan import Plan
from vocab.errors import UserError

CHECKPOINTS_FOLDER = "checkpoints"

logging.getLogger("absl").setLevel(logging.ERROR)  # Orbax tells every step of every save


class KeepByPlan(PreservationPolicy):
    """The last few, those that a keep rule names, and the ends of phases."""

    def __init__(self, plan: Plan) -> None:
        self.last = plan.checkpoint.keep_last
        self.rules = plan.checkpoint.keep
        ends = {plan.first_step(i) + phase.steps for i, phase in enumerate(plan.phases)}
        self.ends = ends if plan.checkpoint.keep_phase_ends else {plan.steps}

    def should_preserve(self, checkpoints: Sequence[Any], *, context: Any) -> Sequence[bool]:
        """Orbax asks after every save; `checkpoints` come in the order of their steps."""
        newest = {checkpoint.step for checkpoint in checkpoints[-self.last :]}
        return [checkpoint.step in newest or self.keeps(checkpoint.step) for checkpoint in checkpoints]

    def keeps(self, step: int) -> bool:
        """Whether the checkpoint of a step stays for good."""
        return step in self.ends or any(rule.keeps(step) for rule in self.rules)


def save_steps_due(plan: Plan, step: int) -> bool:
    """Whether a checkpoint is due after `step` updates."""
    return step % plan.checkpoint.every == 0 or KeepByPlan(plan).keeps(step)


class Checkpoints:
    """The checkpoints of one output folder."""

    def __init__(self, output: str, plan: Plan | None = None) -> None:
        """Opens them for reading and, with a plan, for writing; unfinished ones of a killed run are removed then."""
        options = ocp.CheckpointManagerOptions(
            preservation_policy=KeepByPlan(plan) if plan else None,
            cleanup_tmp_directories=plan is not None,
            create=plan is not None,
            read_only=plan is None,
            save_interval_steps=1,
        )
        self.folder = _absolute(output) + "/" + CHECKPOINTS_FOLDER
        handlers = {"state": ocp.StandardCheckpointHandler(), "run": ocp.JsonCheckpointHandler()}
        self._manager = ocp.CheckpointManager(self.folder, options=options, item_handlers=handlers)

    @staticmethod
    def there(output: str) -> bool:
        """Whether an output folder holds checkpoints at all."""
        from etils import epath

        return (epath.Path(output) / CHECKPOINTS_FOLDER).is_dir()

    def latest(self) -> int | None:
        """The newest finished checkpoint's step; None when there is none."""
        return self._manager.latest_step()

    def steps(self) -> list[int]:
        """The finished checkpoints, oldest first."""
        return sorted(self._manager.all_steps())

    def save(self, step: int, state: Any, run: Mapping[str, Any]) -> None:
        """Begin to write; returns once the state has left the device. An existing checkpoint of the step stays.

        The files are written while training goes on, so what the caller may change is copied first.
        """
        if step in self._manager.all_steps():
            return
        state = jax.tree.map(lambda value: value if isinstance(value, jax.Array) else np.array(value), state)
        items = ocp.args.Composite(state=ocp.args.StandardSave(state), run=ocp.args.JsonSave(copy.deepcopy(dict(run))))
        self._manager.save(step, args=items, force=True)

    def restore(self, step: int, like: Any) -> tuple[Any, dict[str, Any]]:
        """State and record of a step; `like` is a state of this model, whose shapes and places on devices are wanted.

        Raises UserError when the checkpoint does not fit the model.
        """

        def describe(value: Any) -> Any:
            if isinstance(value, jax.Array):
                return jax.ShapeDtypeStruct(value.shape, value.dtype, sharding=value.sharding)
            return np.asarray(value)

        stored = _shapes(self._manager.item_metadata(step)["state"].tree)
        for path, shape in _shapes(like).items():
            if stored.pop(path, None) != shape:
                raise UserError(
                    f"{self.folder}/{step}: is of another network (at {path}); use the plan it was made with"
                )
        if stored:
            raise UserError(
                f"{self.folder}/{step}: is of another network (has {next(iter(stored))}); use the plan it was made with"
            )
        target = jax.tree.map(describe, like)
        items = ocp.args.Composite(state=ocp.args.StandardRestore(target), run=ocp.args.JsonRestore())
        restored = self._manager.restore(step, args=items)
        return restored["state"], dict(restored["run"])

    def restore_weights(self, step: int | None = None) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """The weights alone, by path, as float32 host arrays, and the record; of the newest step if none is given."""
        step = self.latest() if step is None else step
        if step is None or step not in self.steps():
            there = ", ".join(map(str, self.steps())) or "none"
            raise UserError(f"{self.folder}: no checkpoint {'' if step is None else step}; there are: {there}")
        state = self._manager.restore(
            step, args=ocp.args.Composite(state=ocp.args.StandardRestore(), run=ocp.args.JsonRestore())
        )
        weights = {path: np.asarray(value) for path, value in state["state"]["weights"].items()}
        return weights, dict(state["run"])

    def wait(self) -> None:
        """Return when everything that was begun is written."""
        self._manager.wait_until_finished()

    def close(self) -> None:
        """Wait, then release the threads."""
        self._manager.wait_until_finished()
        self._manager.close()


def assign_weights(model: Any, weights: Mapping[str, Any]) -> None:
    """Put the weights of a state or checkpoint into a Keras model's variables, by path."""
    for variable in model.trainable_variables:
        variable.assign(np.asarray(weights[variable.path]))


def _shapes(tree: Any) -> dict[str, tuple[int, ...]]:
    leaves = jax.tree_util.tree_leaves_with_path(tree, is_leaf=lambda value: hasattr(value, "shape"))
    return {jax.tree_util.keystr(path): tuple(value.shape) for path, value in leaves}


def _absolute(output: str) -> str:
    return output.rstrip("/") if "://" in output else str(Path(output).absolute())
