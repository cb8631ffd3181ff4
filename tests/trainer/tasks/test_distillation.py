"""The losses against plain numpy; that the teacher is an argument of the step is tested on its compiled text."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tiny_run import TINY, make_batch

from trainer.devices.device_sum import over_devices
from trainer.devices.runtime import JaxRuntime, current_runtime, to_host
from trainer.model.config import BertConfig
from trainer.model.size import parameter_count, pretraining_heads
from trainer.model.states_and_logits import LOGITS, STATES, build_teacher
from trainer.optim.exclusions import rules_by_layer_type
from trainer.optim.optimizers import optimizer_of
from trainer.plans.distillation import Distillation
from trainer.plans.plan import Phase
from trainer.plans.settings import LearningRate, OptimizerSettings
from trainer.tasks.distillation import FIGURES, distillation, distillation_heads, where_logits
from trainer.training.evaluate import Evaluator
from trainer.training.step import initial_state, make_train_step

pytestmark = pytest.mark.usefixtures("quick_compilation")
CONFIG = BertConfig(**{**TINY, "num_hidden_layers": 2, "initializer_range": 0.2})
ALL, STATES_ONLY = Distillation(positions="all"), Distillation(soft_weight=0.0, mlm_weight=0.0)


def task_and_weights(settings):
    teacher = build_teacher(CONFIG, where=where_logits(settings))
    draws = np.random.default_rng(1)
    weights = {v.path: (draws.standard_normal(v.shape) * 0.2).astype(np.float32) for v in teacher.trainable_variables}
    return distillation(settings, teacher), weights


def log_softmax(x):
    x = x - x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


@pytest.fixture
def rows():
    """A batch with what student and teacher computed, at masked pieces and everywhere."""
    draws, batch = np.random.default_rng(0), make_batch(0, 0, 4, 8, 3)
    outputs, teacher = ({STATES: draws.standard_normal((4, 8, 5)).astype(np.float32)} for _ in range(2))
    everywhere = [draws.standard_normal((4, 8, 64)).astype(np.float32) for _ in range(2)]
    return batch, outputs, teacher, everywhere


@pytest.mark.parametrize("positions", ["masked", "all"])
def test_the_losses_are_those_of_plain_numpy(rows, positions):
    batch, outputs, teacher, everywhere = rows
    settings = Distillation(positions=positions, temperature=3.0)
    task, _ = task_and_weights(settings)
    at = batch["masked_lm_positions"][:, :, None]
    masked = [np.take_along_axis(logits, at, axis=1) for logits in everywhere]
    outputs[LOGITS], teacher[LOGITS] = everywhere if positions == "all" else masked
    given = {**batch, **{f"teacher_{name}": value for name, value in teacher.items()}}
    sums = {name: float(np.asarray(value)) for name, value in task.sums(outputs, given).items()}
    assert tuple(sums) != ()
    assert set(sums) == set(task.sum_names)

    pieces, weights = batch["input_mask"].astype(float), batch["masked_lm_weights"].astype(float)
    student, taught = (log_softmax(outputs[LOGITS].astype(float) / 3), log_softmax(teacher[LOGITS].astype(float) / 3))
    divergence = (np.exp(taught) * (taught - student)).sum(-1) * 9
    compared = pieces if positions == "all" else weights
    states, theirs = outputs[STATES].astype(float), teacher[STATES].astype(float)
    cosine = (states * theirs).sum(-1) / np.linalg.norm(states, axis=-1) / np.linalg.norm(theirs, axis=-1)
    losses = [
        -np.take_along_axis(log_softmax(logits.astype(float)), batch["masked_lm_ids"][:, :, None], -1)[..., 0]
        for logits in masked
    ]
    expected = {
        "soft_loss": (divergence * compared).sum() / compared.sum(),
        "mlm_loss": (losses[0] * weights).sum() / weights.sum(),
        "teacher_mlm_loss": (losses[1] * weights).sum() / weights.sum(),
        "cos_loss": ((1 - cosine) * pieces).sum() / pieces.sum(),
    }
    expected["loss"] = 5 * expected["soft_loss"] + 2 * expected["mlm_loss"] + expected["cos_loss"]
    means = {name: float(np.asarray(value)) for name, value in task.means(sums).items()}
    assert set(means) == set(FIGURES)
    for name, value in expected.items():
        assert means[name] == pytest.approx(value, rel=1e-5), name
    totals = {name: float(np.asarray(value)) for name, value in task.totals(batch).items()}
    assert float(task.loss(sums, totals)) == pytest.approx(expected["loss"], rel=1e-5)


def test_of_hidden_states_alone_only_they_are_told():
    task, _ = task_and_weights(STATES_ONLY)
    assert task.figures == ("loss", "cos_loss")
    assert task.line({"loss": 0.25, "cos_loss": 0.25}, 2) == "loss 0.25 cos 0.25"


def test_a_line_names_every_loss_and_the_teachers_own_figures():
    task, _ = task_and_weights(Distillation())
    line = task.line(dict.fromkeys(FIGURES, 0.5), 1)
    assert line == "loss 0.5 soft 0.5 mlm 0.5 cos 0.5 | acc mlm 0.5 | teacher mlm 0.5 acc 0.5"


@pytest.mark.parametrize("settings", [Distillation(), ALL, STATES_ONLY], ids=["masked", "all", "states"])
def test_a_student_learns_and_its_teacher_is_an_argument_of_the_step(settings):
    task, weights = task_and_weights(settings)
    runtime, optimizer = current_runtime(), optimizer_of(OptimizerSettings(name="adamw"))
    student = task.build(dataclasses.replace(CONFIG, num_hidden_layers=1), seed=2)
    step = runtime.compile_step(make_train_step(student, task, optimizer, rules_by_layer_type(student)))
    state, batch = runtime.put_state(initial_state(student, optimizer)), runtime.put_batch(make_batch(0, 0, 8, 8, 2), 2)
    frozen = runtime.put_whole(weights)
    text = step.lower(state, batch, runtime.put_scalar(1e-2), frozen).as_text()
    assert "dense<" not in "".join(
        line for line in text.splitlines() if "tensor<64x32xf32>" in line and "constant" in line
    )
    losses = []
    for _ in range(8):
        state, metrics = step(state, batch, runtime.put_scalar(1e-2), frozen)
        losses.append(float(metrics["loss"]))
    assert losses[-1] < 0.8 * losses[0]
    other = {name: value * 0.5 for name, value in weights.items()}
    before = step(runtime.put_state(initial_state(student, optimizer)), batch, runtime.put_scalar(0.0), frozen)[1]
    after = step(
        runtime.put_state(initial_state(student, optimizer)), batch, runtime.put_scalar(0.0), runtime.put_whole(other)
    )[1]
    assert float(before["cos_loss"]) != float(after["cos_loss"]), "another teacher needs no other compilation"
    assert step._cache_size() == 1


def updates_and_evaluation(devices):
    """Figures of two updates and of an evaluation after them, on some devices."""
    import jax

    task, weights = task_and_weights(Distillation())
    runtime, optimizer = JaxRuntime(jax.devices()[:devices]), optimizer_of(OptimizerSettings(name="adamw"))
    student, share = task.build(dataclasses.replace(CONFIG, num_hidden_layers=1), seed=2), over_devices(runtime)
    step = runtime.compile_step(make_train_step(student, task, optimizer, rules_by_layer_type(student), share))
    state, frozen = runtime.put_state(initial_state(student, optimizer)), runtime.put_whole(weights)
    found = []
    for number in range(2):
        batch = runtime.put_batch(make_batch(0, number, 16, 8, 2), 2)
        state, metrics = step(state, batch, runtime.put_scalar(1e-2), frozen)
        found.append(to_host(metrics))
    evaluate = Evaluator(student, task, runtime, lambda: iter([make_batch(9, 0, 16, 8, 2)]), frozen)
    return [*found, evaluate(state)]


def test_several_devices_compute_what_one_does(tmp_path, quick_compilation):
    file = tmp_path / "figures.json"
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_PLATFORMS": "cpu"}
    environment = {**os.environ, **quick_compilation, **flags, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, __file__, str(file)], env=environment, check=True, timeout=600)
    for ours, theirs in zip(json.loads(file.read_text()), updates_and_evaluation(1), strict=True):
        assert ours.keys() == theirs.keys()
        for name, value in theirs.items():
            assert ours[name] == pytest.approx(value, rel=1e-4, abs=1e-6), name


def test_what_the_teacher_costs_is_counted():
    student, phase = dataclasses.replace(CONFIG, num_hidden_layers=1), Phase("p", 8, 4, 10, LearningRate(1e-4), 2)
    heads = distillation_heads(student, CONFIG, Distillation(), phase)
    assert heads.parameters == pretraining_heads(student, 2).parameters
    assert heads.frozen_parameters == parameter_count(CONFIG, pretraining_heads(CONFIG, 2))
    assert heads.whole_logits
    everywhere = distillation_heads(student, CONFIG, ALL, phase)
    assert everywhere.logit_bytes_per_row == 4 * heads.logit_bytes_per_row, "8 places instead of 2"
    assert distillation_heads(student, CONFIG, STATES_ONLY, phase).logit_bytes_per_row == 0


if __name__ == "__main__":  # in a process of its own, with several devices
    Path(sys.argv[1]).write_text(json.dumps(updates_and_evaluation(4)))
