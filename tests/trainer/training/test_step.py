"""The update itself: means over the whole batch, accumulation, and the same numbers on TensorFlow."""

import dataclasses
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tiny_run import make_batch, tiny_model

from trainer.devices.runtime import current_runtime, to_host
from trainer.optim.exclusions import rules_by_layer_type
from trainer.optim.optimizers import optimizer_of
from trainer.plans.settings import OptimizerSettings
from trainer.tasks.pretraining import INPUTS, pretraining
from trainer.training.step import (
    accumulate,
    batch_sums,
    can_go_on,
    initial_state,
    make_train_step,
    with_new_optimizer,
)

STEPS = 3
ADAMW = optimizer_of(OptimizerSettings(name="adamw"))


def uneven_batch(step, rows=8):
    batch = make_batch(3, step, rows, 16, 3)
    batch["masked_lm_weights"][2:] = 0.0
    batch["masked_lm_weights"][0] = 1.0
    return batch


def run_steps(micro_batches, dropout, optimizer=None, batches=None):
    """Metrics of each update and the final weights, on whatever backend Keras runs on."""
    runtime = current_runtime()
    model = tiny_model(hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout)
    optimizer = optimizer_of(optimizer or OptimizerSettings(clip_norm=0.5))
    step = make_train_step(model, pretraining(1.0), optimizer, rules_by_layer_type(model))
    compiled = runtime.compile_step(step)
    state = runtime.put_state(initial_state(model, optimizer))
    history = []
    for index in range(STEPS):
        batch = batches[index] if batches else uneven_batch(index)
        state, metrics = compiled(state, runtime.put_batch(batch, micro_batches), runtime.put_scalar(0.01))
        history.append(to_host(metrics))
    return history, {path: np.asarray(value) for path, value in state["weights"].items()}


def assert_close(found, wanted, atol=2e-6):
    for ours, theirs in zip(found[0], wanted[0], strict=True):
        for name, value in theirs.items():  # a ratio amplifies the rounding of gradients that nearly vanish
            rel = 2e-2 if name.startswith("trust_ratio") else 2e-5
            assert ours[name] == pytest.approx(value, rel=rel, abs=1e-6), name
    for path, value in wanted[1].items():
        np.testing.assert_allclose(found[1][path], value, atol=atol, err_msg=path)


@pytest.fixture(scope="module")
def plain(quick_compilation):
    return run_steps(1, dropout=0.0)


def test_accumulation_changes_nothing_but_rounding(plain):
    assert_close(run_steps(4, dropout=0.0), plain)


def test_the_split_changes_no_dropout_mask(quick_compilation):
    whole = run_steps(1, dropout=0.1)
    assert_close(run_steps(4, dropout=0.1), whole)
    assert whole[0][0]["loss"] != pytest.approx(run_steps(1, dropout=0.2)[0][0]["loss"], rel=1e-3)


def test_means_are_global_not_means_of_means(plain):
    model = tiny_model(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    batch = uneven_batch(0)
    weights = [v.value for v in model.trainable_variables]
    other = [v.value for v in model.non_trainable_variables]
    forward = current_runtime().compile(lambda rows: model.stateless_call(weights, other, rows, training=False)[0])
    rows = {name: batch[name] for name in INPUTS if name in batch and name != "masked_lm_ids"}
    logits = np.asarray(forward(rows)["mlm_logits"], np.float64)
    log_sum = np.log(np.exp(logits).sum(-1))
    losses = log_sum - np.take_along_axis(logits, batch["masked_lm_ids"][..., None].astype(int), -1)[..., 0]
    weights = batch["masked_lm_weights"]
    assert plain[0][0]["mlm_loss"] == pytest.approx((losses * weights).sum() / weights.sum(), rel=1e-5)
    hits = (logits.argmax(-1) == batch["masked_lm_ids"]) * weights
    assert plain[0][0]["mlm_accuracy"] == pytest.approx(hits.sum() / weights.sum())
    assert plain[0][0]["tokens"] == batch["input_mask"].sum()


@pytest.mark.parametrize("micro_batches", [1, 2])
def test_the_gradient_weighs_the_second_segment_loss(micro_batches, quick_compilation):
    model = tiny_model(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    runtime = current_runtime()
    state = runtime.put_state(initial_state(model, ADAMW))
    batch = runtime.put_batch(uneven_batch(0), micro_batches)

    def gradients(state, batch, weight):
        return accumulate(model, pretraining.__wrapped__(weight), state, batch)[0]

    compiled = runtime.compile(gradients)
    without, once, thrice = (
        {path: np.asarray(value) for path, value in compiled(state, batch, runtime.put_scalar(weight)).items()}
        for weight in (0.0, 1.0, 3.0)
    )
    for path, value in without.items():
        np.testing.assert_allclose(thrice[path] - value, 3 * (once[path] - value), atol=2e-6, err_msg=path)
    (head,) = [path for path in without if path.endswith("classifier/kernel")]
    assert not without[head].any()
    assert np.abs(once[head]).max() > 1e-3
    np.testing.assert_allclose(thrice[head], 3 * once[head], rtol=1e-5)


def test_a_batch_without_predictions_has_no_masked_loss(plain):
    batches = [uneven_batch(index) for index in range(STEPS)]
    for batch in batches:
        batch["masked_lm_weights"][:] = 0.0
    history, _ = run_steps(1, dropout=0.0, batches=batches)
    assert all(np.isfinite(list(metrics.values())).all() for metrics in history)
    assert history[0]["mlm_loss"] == 0.0


def test_packed_rows_count_each_next_sentence_label():
    model = tiny_model(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    state = initial_state(model, ADAMW)
    batch = make_batch(0, 0, 4, 16, 3)

    def sums_of(rows):
        def sums(state, rows):
            return batch_sums(model, pretraining(1.0), state["weights"], state["other"], rows, training=False)[0]

        return to_host(current_runtime().compile(sums)(state, rows))

    alone = sums_of(batch)
    packed = {
        **batch,
        "cls_positions": np.zeros((4, 3), np.int32),
        "next_sentence_labels": np.repeat(batch["next_sentence_labels"][:, None], 3, axis=1),
        "next_sentence_weights": np.array([[1, 1, 0]] * 4, np.float32),
    }
    found = sums_of(packed)
    assert found["instances"] == 8
    assert found["nsp_loss"] == pytest.approx(2 * alone["nsp_loss"], rel=1e-5)


def test_moments_can_be_forgotten():
    model = tiny_model()
    state = initial_state(model, ADAMW)
    moments = state["optimizer"]
    moments["moment_updates"] = moments["moment_updates"] + 5
    moments["first_moment"] = {path: value + 1 for path, value in moments["first_moment"].items()}
    fresh = with_new_optimizer(state, ADAMW)
    assert int(fresh["optimizer"]["moment_updates"]) == 0
    assert not any(np.asarray(value).any() for value in fresh["optimizer"]["first_moment"].values())
    assert fresh["weights"] is state["weights"]


def test_an_optimizer_goes_on_from_a_state_of_its_own_shape_only():
    state = initial_state(tiny_model(), ADAMW)
    assert can_go_on(state, optimizer_of(OptimizerSettings(name="lamb")))
    without = dataclasses.replace(ADAMW, initial_state=lambda shapes: {"moment_updates": np.zeros((), np.int32)})
    assert not can_go_on(state, without)
    narrower = dataclasses.replace(
        ADAMW, initial_state=lambda shapes: ADAMW.initial_state({path: shape[:1] for path, shape in shapes.items()})
    )
    assert not can_go_on(state, narrower)


def test_tensorflow_computes_the_same_with_dropout_and_accumulation(tmp_path, quick_compilation):
    file = tmp_path / "tensorflow.pickle"
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""}
    environment["XLA_FLAGS"] = "--xla_backend_optimization_level=0"
    environment["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[3]), str(Path(__file__).parents[1])])
    subprocess.run([sys.executable, __file__, str(file)], env=environment, check=True, timeout=400)
    assert_close(pickle.loads(file.read_bytes()), run_steps(2, dropout=0.1), atol=2e-5)


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(pickle.dumps(run_steps(2, dropout=0.1)))


def test_a_task_makes_targets_of_arrays_that_are_an_argument_of_the_step():
    """The rows' weights are scaled by an array of the caller: the sums show it, and another array needs no compilation."""
    batch, model, usual = make_batch(3, 0, 8, 16, 3), tiny_model(), pretraining(1.0)

    def targets(frozen, rows):
        return {"masked_lm_weights": rows["masked_lm_weights"] * frozen["scale"]}

    task = dataclasses.replace(usual, targets=targets)
    runtime = current_runtime()
    step = runtime.compile_step(make_train_step(model, task, ADAMW, rules_by_layer_type(model)))
    losses = []
    for scale in (1.0, 0.5):
        state = runtime.put_state(initial_state(model, ADAMW))
        frozen = runtime.put_whole({"scale": np.float32(scale)})
        _, metrics = step(state, runtime.put_batch(batch, 2), runtime.put_scalar(0.0), frozen)
        losses.append(to_host(metrics))
    assert losses[0]["mlm_loss"] == pytest.approx(losses[1]["mlm_loss"], rel=1e-5)
    assert losses[0]["gradient_norm"] > losses[1]["gradient_norm"]
    assert step._cache_size() == 1
