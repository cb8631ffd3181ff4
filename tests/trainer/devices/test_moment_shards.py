"""Sharded moments change where they are, and nothing that is computed."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from child_of_test_moment_shards import CASES

from trainer.devices.division import SMALLEST
from trainer.devices.runtime import JaxRuntime

DEVICES = 8


@pytest.fixture(scope="module")
def found(tmp_path_factory, quick_compilation):
    folder = tmp_path_factory.mktemp("shards")
    file = folder / "results.pickle"
    flags = f"--xla_force_host_platform_device_count={DEVICES} --xla_backend_optimization_level=0"
    environment = {
        **os.environ,
        **quick_compilation,
        "JAX_PLATFORMS": "cpu",
        "KERAS_BACKEND": "jax",
        "XLA_FLAGS": flags,
    }
    child = str(Path(__file__).parents[1] / "child_of_test_moment_shards.py")
    subprocess.run([sys.executable, child, str(folder), str(file)], env=environment, check=True, timeout=1200)
    return pickle.loads(file.read_bytes())


def leaves(tree, path=()):
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from leaves(value, (*path, name))
    else:
        yield path, tree


@pytest.mark.parametrize("case", CASES)
def test_losses_norms_ratios_weights_and_moments_are_those_of_whole_moments(found, case):
    wanted, ours = found["cases"][case][False], found["cases"][case][True]
    exact = "bfloat16" not in case
    for mine, theirs in zip(ours["figures"], wanted["figures"], strict=True):
        assert mine.keys() == theirs.keys()
        for name, value in theirs.items():
            assert mine[name] == pytest.approx(value, rel=2e-6 if exact else 1e-3), name
    assert wanted["figures"][0]["gradient_norm"] > 0.5, "clipping must be at work"
    for (path, value), (_, whole) in zip(leaves(ours["state"]), leaves(wanted["state"]), strict=True):
        assert value.shape == whole.shape, path
        np.testing.assert_allclose(value, whole, atol=2e-6 if exact else 2e-3, err_msg=str(path))


@pytest.mark.parametrize("case", CASES)
def test_each_device_holds_an_eighth_of_the_moments(found, case):
    parts = found["cases"][case][True]["on_devices"]
    assert {path for path, size, held in parts if held == [size // DEVICES] * DEVICES} >= {
        "bert/embeddings/word_embeddings",
        "bert/pooler/kernel",
    }
    whole = [size for _, size, held in parts if held == [size] * DEVICES]
    assert max(whole) < SMALLEST
    assert all(held == [size // DEVICES] * DEVICES or size in whole for _, size, held in parts)
    assert all(held == [size] * DEVICES for _, size, held in found["cases"][case][False]["on_devices"])


@pytest.mark.parametrize("case", CASES)
def test_gradients_are_scattered_and_weights_gathered_once_per_update(found, case):
    sent = {one["kind"]: one for one in found["cases"][case][True]["sent"]}
    assert not any(one["in_loop"] for one in sent.values())
    assert set(sent) == {"reduce-scatter", "all-gather", "all-reduce"}
    sizes = [size for _, size, held in found["cases"][case][True]["on_devices"] if held[0] < size]
    divided = 4 * sum(sizes) // 2  # bytes, of one of the two moments
    assert sent["reduce-scatter"]["bytes"] >= divided
    assert sent["all-gather"]["bytes"] >= divided
    assert sent["all-reduce"]["bytes"] < 2**15 < divided / 8, "no large array is added up whole"


def test_a_stopped_run_goes_on_bit_for_bit(found):
    for path, value in found["runs"]["undisturbed"].items():
        np.testing.assert_array_equal(found["runs"]["resumed"][path], value, err_msg=path)


@pytest.mark.parametrize("name", ["four devices", "switched off", "switched on"])
def test_a_run_goes_on_with_other_devices_and_with_the_other_setting(found, name):
    for path, value in found["runs"]["undisturbed"].items():
        np.testing.assert_allclose(found["runs"][name][path], value, atol=2e-6, err_msg=path)


def test_checkpoints_hold_whole_arrays_of_the_shapes_of_the_weights(found):
    for name, state in found["halfway"].items():
        for moment in ("first_moment", "second_moment"):
            shapes = {path: value.shape for path, value in state["optimizer"][moment].items()}
            assert shapes == {path: value.shape for path, value in state["weights"].items()}, name
            assert all(value.any() for value in state["optimizer"][moment].values())
    for (path, value), (_, other) in zip(*(leaves(state) for state in found["halfway"].values()), strict=True):
        np.testing.assert_allclose(value, other, atol=2e-6, err_msg=str(path))


def test_an_array_of_another_shape_than_its_weight_stays_whole():
    runtime = JaxRuntime(JaxRuntime().devices[:1] * 2, shard_moments=True)
    weights = {"w": np.zeros((128, 128), np.float32)}
    optimizer = {
        "row": {"w": np.zeros(128, np.float32)},
        "first": {"w": np.ones((128, 128), np.float32)},
        "n": np.int32(3),
    }
    places = runtime.shards.shardings({"weights": weights, "optimizer": optimizer, "step": np.int32(0)})
    divided = {path for path, place in leaves(places) if not place.is_fully_replicated}
    assert divided == {("optimizer", "first", "w")}
