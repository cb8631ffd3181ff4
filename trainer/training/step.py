"""One update as a pure function: (state, batch, learning rate) in, (state, metrics) out.

Everything that must survive a kill is in the state, a tree of arrays:

    weights, first_moment, second_moment    dict of path -> float32 array, shape of the variable
    other                                   dict of path -> array: the model's random state
    step                                    int32, updates done since the run began
    moment_updates                          int32, updates that the moments have seen (differs after reset_moments)

A batch's arrays are [micro batches, rows, ...]. Means are over the whole batch, all micro batches and devices: the sum
of weighted losses divided by the sum of weights, never a mean of means.
"""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from trainer.optim.adamw import adamw_update
from trainer.optim.clipping import clip_by_global_norm
from trainer.optim.exclusions import Rule
from trainer.optim.lamb import lamb_update
from trainer.plans.settings import OptimizerSettings

State = dict[str, Any]
Batch = Mapping[str, Any]
Metrics = dict[str, Any]

INPUTS = (
    "input_ids",
    "input_mask",
    "segment_ids",
    "masked_lm_positions",
    "position_ids",
    "block_ids",
    "cls_positions",
)
SUMS = ("mlm_loss", "mlm_correct", "mlm_weight", "nsp_loss", "nsp_correct", "nsp_weight", "tokens")
_UPDATES = {"lamb": lamb_update, "adamw": adamw_update}


def initial_state(model: keras.Model) -> State:
    """The state of a run that has not begun, from the model's variables as they are; host arrays."""
    weights = {v.path: np.asarray(v.value) for v in model.trainable_variables}
    other = {v.path: np.asarray(v.value) for v in model.non_trainable_variables}
    if len(weights) != len(model.trainable_variables) or len(other) != len(model.non_trainable_variables):
        raise ValueError("two variables of the model have the same path")
    return without_moments({"weights": weights, "other": other, "step": np.zeros((), np.int32)})


def without_moments(state: State) -> State:
    """The state with the optimizer's moments at zero, as at the start of a run; those are host arrays."""

    def zeros() -> dict[str, np.ndarray]:
        return {path: np.zeros(tuple(value.shape), np.float32) for path, value in state["weights"].items()}

    return {**state, "first_moment": zeros(), "second_moment": zeros(), "moment_updates": np.zeros((), np.int32)}


def batch_sums(
    model: keras.Model, weights: Mapping[str, Any], other: Mapping[str, Any], rows: Batch, *, training: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Sums over a batch, float32 scalars, and the model's random state after it.

    `rows` has the model's inputs and `masked_lm_ids`, `masked_lm_weights` [rows, predictions] and `next_sentence_labels`
    [rows], [rows, 1] or, packed, [rows, documents] with `next_sentence_weights` of the same shape.
    """
    outputs, after = model.stateless_call(
        [weights[v.path] for v in model.trainable_variables],  # JAX sorts dictionaries: never by their order
        [other[v.path] for v in model.non_trainable_variables],
        {name: rows[name] for name in INPUTS if name in rows},
        training=training,
    )
    mlm_loss, mlm_correct = _cross_entropy(outputs["mlm_logits"], rows["masked_lm_ids"])
    mlm_weights = ops.cast(rows["masked_lm_weights"], "float32")
    nsp_logits = outputs["nsp_logits"]
    nsp_loss, nsp_correct = _cross_entropy(nsp_logits, ops.reshape(rows["next_sentence_labels"], nsp_logits.shape[:-1]))
    nsp_weights = ops.reshape(_next_sentence_weights(rows), nsp_logits.shape[:-1])
    values = (
        ops.sum(mlm_loss * mlm_weights),
        ops.sum(mlm_correct * mlm_weights),
        ops.sum(mlm_weights),
        ops.sum(nsp_loss * nsp_weights),
        ops.sum(nsp_correct * nsp_weights),
        ops.sum(nsp_weights),
        ops.sum(ops.cast(rows["input_mask"], "float32")),
    )
    return dict(zip(SUMS, values, strict=True)), {
        v.path: value for v, value in zip(model.non_trainable_variables, after, strict=True)
    }


def make_train_step(
    model: keras.Model, optimizer: OptimizerSettings, next_sentence_weight: float, rules: Mapping[str, Rule]
) -> Callable[[State, Batch, Any], tuple[State, Metrics]]:
    """The update `step(state, batch, learning rate)`, to be compiled. Metrics are float32 scalars over the whole batch.

    The learning rate comes in as a number, so that phases of one shape share one compilation.
    """
    update = _UPDATES[optimizer.name]

    def step(state: State, batch: Batch, rate: Any) -> tuple[State, Metrics]:
        gradients, sums, other = _accumulate(model, state, batch, next_sentence_weight)
        gradients, norm = clip_by_global_norm(gradients, optimizer.clip_norm)
        updates = state["moment_updates"] + 1
        weights, first, second, ratios = update(
            state["weights"],
            gradients,
            state["first_moment"],
            state["second_moment"],
            updates=updates,
            learning_rate=rate,
            settings=optimizer,
            rules=rules,
        )
        metrics = means(sums, next_sentence_weight)
        metrics |= {"learning_rate": rate, "gradient_norm": norm}
        metrics |= {"instances": sums["nsp_weight"], "tokens": sums["tokens"]}
        if ratios:
            spread = ops.stack(list(ratios.values()))
            metrics |= {"trust_ratio_min": ops.min(spread), "trust_ratio_max": ops.max(spread)}
        new = {
            "weights": weights,
            "other": other,
            "first_moment": first,
            "second_moment": second,
            "step": state["step"] + 1,
            "moment_updates": updates,
        }
        return new, {name: ops.cast(value, "float32") for name, value in metrics.items()}

    return step


def means(sums: Mapping[str, Any], next_sentence_weight: float) -> Metrics:
    """Losses and accuracies from sums over a batch or over many."""
    mlm_weight, nsp_weight = _at_least_some(sums["mlm_weight"]), _at_least_some(sums["nsp_weight"])
    mlm_loss, nsp_loss = sums["mlm_loss"] / mlm_weight, sums["nsp_loss"] / nsp_weight
    return {
        "loss": mlm_loss + next_sentence_weight * nsp_loss,
        "mlm_loss": mlm_loss,
        "mlm_accuracy": sums["mlm_correct"] / mlm_weight,
        "nsp_loss": nsp_loss,
        "nsp_accuracy": sums["nsp_correct"] / nsp_weight,
    }


def _accumulate(model: keras.Model, state: State, batch: Batch, next_sentence_weight: float) -> tuple[Any, Any, Any]:
    """Gradients, sums and random state after all micro batches, each normalised by the weights of the whole batch."""
    micro_batches = batch["input_ids"].shape[0]
    mlm_weight = _at_least_some(ops.sum(ops.cast(batch["masked_lm_weights"], "float32")))
    nsp_weight = _at_least_some(ops.sum(_next_sentence_weights(batch)))

    def gradients_of(rows: Batch, other: Mapping[str, Any]) -> tuple[Any, Any, Any]:
        def loss(weights: Mapping[str, Any]) -> tuple[Any, Any]:
            sums, after = batch_sums(model, weights, other, rows, training=True)
            total = sums["mlm_loss"] / mlm_weight + next_sentence_weight * sums["nsp_loss"] / nsp_weight
            return total, (sums, after)

        return _gradients(loss, state["weights"])

    if micro_batches == 1:
        return gradients_of({name: value[0] for name, value in batch.items()}, state["other"])

    def add_micro_batch(index: Any, carried: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
        gradients, sums, other = carried
        more_gradients, more_sums, other = gradients_of({name: value[index] for name, value in batch.items()}, other)
        return _add(gradients, more_gradients), _add(sums, more_sums), other

    no_gradients = {path: ops.zeros(value.shape, "float32") for path, value in state["weights"].items()}
    no_sums = {name: ops.zeros((), "float32") for name in SUMS}
    return ops.fori_loop(0, micro_batches, add_micro_batch, (no_gradients, no_sums, dict(state["other"])))


def _at_least_some(weight: Any) -> Any:
    """A sum of weights to divide by: a batch without predictions has loss 0, not NaN."""
    return max(weight, 1e-6) if isinstance(weight, float) else ops.maximum(weight, 1e-6)


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


def _next_sentence_weights(batch: Batch) -> Any:
    if "next_sentence_weights" in batch:
        return ops.cast(batch["next_sentence_weights"], "float32")
    return ops.ones(batch["next_sentence_labels"].shape, "float32")


def _cross_entropy(logits: Any, labels: Any) -> tuple[Any, Any]:
    """Per-position loss and whether the label's logit is the highest, float32; logits float32 [..., classes].

    The label's logit is picked by comparing indices, which XLA fuses forwards and backwards; a gather would scatter.
    """
    classes = ops.arange(logits.shape[-1], dtype="int32")
    at_label = ops.equal(classes, ops.expand_dims(ops.cast(labels, "int32"), -1))
    picked = ops.sum(ops.where(at_label, logits, 0.0), axis=-1)
    highest = ops.stop_gradient(ops.max(logits, axis=-1))
    spread = ops.log(ops.sum(ops.exp(logits - ops.expand_dims(highest, -1)), axis=-1))
    return spread + highest - picked, ops.cast(picked >= highest, "float32")
