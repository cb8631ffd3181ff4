"""One update as a pure function: (state, batch, learning rate) in, (state, metrics) out.

Everything that must survive a kill is in the state, a tree of arrays:

    weights      dict of path -> float32 array, shape of the variable
    other        dict of path -> array: the model's random state
    optimizer    the state of the optimizer, of any form
    step         int32, updates done since the run began

The arrays of a batch are [micro batches, rows, ...]. The task decides what is learned from it (`tasks/task.py`),
the optimizer how the weights change (`optim/optimizer.py`), and `devices/device_sum.py` how devices share the work.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import keras
import numpy as np
from keras import ops

from trainer.devices.device_sum import OverDevices, on_one_device
from trainer.optim.clipping import clip_by_global_norm
from trainer.optim.exclusions import Rule
from trainer.optim.optimizer import Optimizer
from trainer.tasks.task import Batch, Task

ROW_IDS = "row_ids"  # of every batch: uint32, the place of each row in the global batch, which dropout follows from

State = dict[str, Any]
Metrics = dict[str, Any]
Frozen = Mapping[str, Any]
"""Arrays by name that a task needs and that do not change. Tasks without `targets` have none."""
NOTHING: Frozen = MappingProxyType({})


def initial_state(model: keras.Model, optimizer: Optimizer) -> State:
    """The state of a new run, from the current variables of the model, as host arrays."""
    weights = {v.path: np.asarray(v.value) for v in model.trainable_variables}
    other = {v.path: np.asarray(v.value) for v in model.non_trainable_variables}
    if len(weights) != len(model.trainable_variables) or len(other) != len(model.non_trainable_variables):
        raise ValueError("two variables of the model have the same path")
    return with_new_optimizer({"weights": weights, "other": other, "step": np.zeros((), np.int32)}, optimizer)


def with_new_optimizer(state: State, optimizer: Optimizer) -> State:
    """The state with a new optimizer state, as at the start of a run. That part consists of host arrays."""
    shapes = {path: tuple(value.shape) for path, value in state["weights"].items()}
    return {**state, "optimizer": optimizer.initial_state(shapes)}


def can_go_on(state: State, optimizer: Optimizer) -> bool:
    """Whether an optimizer can continue from the state of the earlier one, that is, whether their shapes are equal."""
    return _shapes(state["optimizer"]) == _shapes(with_new_optimizer(state, optimizer)["optimizer"])


def batch_sums(
    model: keras.Model,
    task: Task,
    weights: Mapping[str, Any],
    other: Mapping[str, Any],
    rows: Batch,
    *,
    training: bool,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The task's sums over rows [rows, ...], and the model's random state after them."""
    outputs, after = model.stateless_call(
        [weights[v.path] for v in model.trainable_variables],  # JAX sorts dictionaries, so not in their order
        [other[v.path] for v in model.non_trainable_variables],
        {name: rows[name] for name in (*task.inputs, ROW_IDS) if name in rows},
        training=training,
    )
    random_state = {v.path: value for v, value in zip(model.non_trainable_variables, after, strict=True)}
    return task.sums(outputs, rows), random_state


def with_targets(task: Task, frozen: Frozen, rows: Batch) -> Batch:
    """The rows [rows, ...] with the fields that the task makes of them and of what does not change."""
    return {**rows, **task.targets(frozen, rows)} if task.targets else rows


def make_train_step(
    model: keras.Model,
    task: Task,
    optimizer: Optimizer,
    rules: Mapping[str, Rule],
    over_devices: OverDevices = on_one_device,
) -> Callable[..., tuple[State, Metrics]]:
    """The update `step(state, batch, learning rate)`, to be compiled. Metrics are float32 scalars over the whole batch.

    They are the task's figures, `gradient_norm`, `learning_rate`, `instances`, `tokens` and the optimizer's figures.
    The learning rate is an argument, so that phases of one shape share one compilation. Of a task with `targets` the
    arrays that do not change are a fourth argument.
    """

    def step(state: State, batch: Batch, rate: Any, frozen: Frozen | None = None) -> tuple[State, Metrics]:
        gradients, sums, other = accumulate(model, task, state, batch, over_devices, frozen or NOTHING)
        gradients, norm = clip_by_global_norm(gradients, optimizer.clip_norm)
        weights, optimizer_state, optimizer_figures = optimizer.update(
            state["weights"], gradients, state["optimizer"], learning_rate=rate, rules=rules
        )
        metrics = task.means(sums)
        metrics |= {"learning_rate": rate, "gradient_norm": norm}
        metrics |= {"instances": sums["instances"], "tokens": sums["tokens"], **optimizer_figures}
        new = {"weights": weights, "other": other, "optimizer": optimizer_state, "step": state["step"] + 1}
        return new, {name: ops.cast(value, "float32") for name, value in metrics.items()}

    return step


def accumulate(
    model: keras.Model,
    task: Task,
    state: State,
    batch: Batch,
    over_devices: OverDevices = on_one_device,
    frozen: Frozen = NOTHING,
) -> tuple[Any, Any, Any]:
    """Gradients, sums and random state after the whole batch, normalised by its totals.

    The random state advances once: the split into micro batches and over devices changes nothing that is drawn.
    """
    shared = {"weights": state["weights"], "other": state["other"], "totals": task.totals(batch)}
    shared["frozen"] = dict(frozen)

    def local(shared: Mapping[str, Any], batch: Batch) -> tuple[Any, Any, Any]:
        return _add_up_micro_batches(model, task, shared, batch)

    return over_devices(local)(shared, {**batch, ROW_IDS: _row_ids(batch)})


def _row_ids(batch: Batch) -> Any:
    micro_batches, rows = next(iter(batch.values())).shape[:2]
    return ops.cast(ops.reshape(ops.arange(micro_batches * rows, dtype="int32"), (micro_batches, rows)), "uint32")


def _add_up_micro_batches(
    model: keras.Model, task: Task, shared: Mapping[str, Any], batch: Batch
) -> tuple[Any, Any, Any]:
    """Gradients, sums and random state after those rows of the batch that are here."""
    weights, micro_batches = shared["weights"], next(iter(batch.values())).shape[0]

    def gradients_of(index: Any) -> tuple[Any, Any, Any]:
        rows = with_targets(task, shared["frozen"], {name: value[index] for name, value in batch.items()})

        def loss(weights: Mapping[str, Any]) -> tuple[Any, Any]:
            sums, after = batch_sums(model, task, weights, shared["other"], rows, training=True)
            return task.loss(sums, shared["totals"]), (sums, after)

        return _gradients(loss, weights)

    if micro_batches == 1:
        return gradients_of(0)

    def add_micro_batch(index: Any, carried: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
        gradients, sums, _ = carried
        more_gradients, more_sums, other = gradients_of(index)
        return _add(gradients, more_gradients), _add(sums, more_sums), other

    no_gradients = {path: ops.zeros(value.shape, "float32") for path, value in weights.items()}
    no_sums = {name: ops.zeros((), "float32") for name in task.sum_names}
    return ops.fori_loop(0, micro_batches, add_micro_batch, (no_gradients, no_sums, dict(shared["other"])))


def _shapes(tree: Any) -> Any:
    return {name: _shapes(value) for name, value in tree.items()} if isinstance(tree, dict) else tuple(tree.shape)


def _add(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value + second[name] for name, value in first.items()}


def _gradients(loss: Callable[[Any], tuple[Any, Any]], weights: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    if keras.backend.backend() == "jax":
        import jax

        gradients, (sums, other) = jax.grad(loss, has_aux=True)(weights)
        return gradients, sums, other
    import tensorflow as tf

    weights = {path: tf.convert_to_tensor(value) for path, value in weights.items()}
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(weights)
        total, (sums, other) = loss(weights)
    gradients = tape.gradient(total, weights, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return {path: tf.convert_to_tensor(value) for path, value in gradients.items()}, sums, other
