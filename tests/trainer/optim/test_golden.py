"""LAMB and AdamW against a plain numpy version and against Model Garden's LAMB, on both backends."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from trainer.optim.exclusions import BIAS, NORMALISATION, WEIGHT
from trainer.plans.settings import OptimizerSettings

STEPS = 20
RULES = {"dense/kernel": WEIGHT, "dense/bias": BIAS, "layer_norm/gamma": NORMALISATION, "zero/kernel": WEIGHT}
LAMB = OptimizerSettings(name="lamb", weight_decay=0.1)
OTHERS = {
    "adamw": OptimizerSettings(name="adamw", weight_decay=0.1),
    "bert_adamw": OptimizerSettings(name="adamw", bias_correction=False, clip_norm=0.0),
}


def problem():
    generator = np.random.default_rng(7)
    shapes = {"dense/kernel": (16, 8), "dense/bias": (8,), "layer_norm/gamma": (8,), "zero/kernel": (4, 4)}
    parameters = {path: generator.normal(0, 0.5, shape).astype(np.float32) for path, shape in shapes.items()}
    parameters["zero/kernel"] *= 0
    scales = generator.uniform(0.01, 3, STEPS)
    gradients = [
        {path: (scale * generator.normal(0, 1, shape)).astype(np.float32) for path, shape in shapes.items()}
        for scale in scales
    ]
    rates = [0.01 * (step + 1) / STEPS for step in range(STEPS)]
    return parameters, gradients, rates


def run_ours(settings, clip=True):
    """The parameters after STEPS updates, on whatever backend Keras runs on."""
    from keras import ops

    from trainer.optim.adamw import adamw_update
    from trainer.optim.clipping import clip_by_global_norm
    from trainer.optim.lamb import lamb_update

    parameters, gradients, rates = problem()
    parameters = {path: ops.convert_to_tensor(value) for path, value in parameters.items()}
    first = {path: ops.zeros_like(value) for path, value in parameters.items()}
    second = {path: ops.zeros_like(value) for path, value in parameters.items()}
    update = {"lamb": lamb_update, "adamw": adamw_update}[settings.name]
    for step, (gradient, rate) in enumerate(zip(gradients, rates, strict=True)):
        gradient = {path: ops.convert_to_tensor(value) for path, value in gradient.items()}
        if clip:
            gradient, _ = clip_by_global_norm(gradient, settings.clip_norm)
        parameters, first, second, _ = update(
            parameters, gradient, first, second, updates=step + 1, learning_rate=rate, settings=settings, rules=RULES
        )
    return {path: np.asarray(value) for path, value in parameters.items()}


def run_numpy(settings, clip=True):
    """The papers' formulas in float64, written down a second time."""
    parameters, gradients, rates = problem()
    w = {path: value.astype(np.float64) for path, value in parameters.items()}
    m = {path: np.zeros_like(value) for path, value in w.items()}
    v = {path: np.zeros_like(value) for path, value in w.items()}
    for t, (gradient, rate) in enumerate(zip(gradients, rates, strict=True), start=1):
        norm = np.sqrt(sum(np.sum(value.astype(np.float64) ** 2) for value in gradient.values()))
        factor = min(1.0, settings.clip_norm / norm) if clip and settings.clip_norm else 1.0
        for path in w:
            g = gradient[path].astype(np.float64) * factor
            m[path] = settings.beta_1 * m[path] + (1 - settings.beta_1) * g
            v[path] = settings.beta_2 * v[path] + (1 - settings.beta_2) * g * g
            c1, c2 = (1 - settings.beta_1**t, 1 - settings.beta_2**t) if settings.bias_correction else (1, 1)
            u = m[path] / c1 / (np.sqrt(v[path] / c2) + settings.epsilon)
            plain = path.endswith("kernel")
            u = u + settings.weight_decay * w[path] * plain
            if settings.name == "lamb" and plain and np.linalg.norm(w[path]) > 0 and np.linalg.norm(u) > 0:
                u = u * np.linalg.norm(w[path]) / np.linalg.norm(u)
            w[path] = w[path] - rate * u
    return w


def difference(ours, reference):
    return max(np.max(np.abs(ours[path] - reference[path])) / np.max(np.abs(reference[path])) for path in reference)


@pytest.fixture(scope="module")
def on_tensorflow(tmp_path_factory):
    """What this file's `run_ours` gives in a process where Keras runs on TensorFlow."""
    file = tmp_path_factory.mktemp("golden") / "ours.pickle"
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""}
    environment["PYTHONPATH"] = str(Path(__file__).parents[3])
    subprocess.run([sys.executable, __file__, str(file)], check=True, env=environment, timeout=300)
    return pickle.loads(file.read_bytes())


@pytest.mark.parametrize("name", ["lamb", *OTHERS])
def test_equals_the_numpy_reference_on_both_backends(name, on_tensorflow):
    settings = {"lamb": LAMB, **OTHERS}[name]
    reference = run_numpy(settings)
    assert difference(run_ours(settings), reference) < 2e-6
    assert difference(on_tensorflow[name], reference) < 2e-6


def test_lamb_equals_model_garden_on_both_backends(on_tensorflow):
    garden = pytest.importorskip("official.modeling.optimization.lamb")
    import tensorflow as tf

    parameters, gradients, rates = problem()
    variables = {path: tf.Variable(value, name=path) for path, value in parameters.items()}
    optimizer = garden.LAMB(weight_decay_rate=0.1, exclude_from_weight_decay=["bias", "layer_norm"])
    for gradient, rate in zip(gradients, rates, strict=True):
        optimizer.learning_rate = rate
        optimizer.apply_gradients((tf.constant(gradient[path]), variables[path]) for path in variables)
    reference = {path: variable.numpy() for path, variable in variables.items()}
    # Model Garden's float32 bias correction is itself 1e-5 from the float64 formula.
    assert difference(run_ours(LAMB, clip=False), reference) < 2e-5
    assert difference(on_tensorflow["lamb_unclipped"], reference) < 2e-5


def test_biases_and_norms_move_by_adam_alone():
    lamb, adamw = (run_ours(OptimizerSettings(name=name, weight_decay=0.1), clip=False) for name in ("lamb", "adamw"))
    for path in ("dense/bias", "layer_norm/gamma"):
        np.testing.assert_array_equal(lamb[path], adamw[path])
    assert not np.allclose(lamb["dense/kernel"], adamw["dense/kernel"])


if __name__ == "__main__":
    results = {name: run_ours(settings) for name, settings in {"lamb": LAMB, **OTHERS}.items()}
    results["lamb_unclipped"] = run_ours(LAMB, clip=False)
    Path(sys.argv[1]).write_bytes(pickle.dumps(results))
