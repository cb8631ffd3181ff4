"""Neither the number of devices nor the split into micro batches changes what is computed, with dropout on."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from child_of_test_splits import CASES


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    file = tmp_path_factory.mktemp("splits") / "losses.pickle"
    flags = "--xla_force_host_platform_device_count=8 --xla_backend_optimization_level=0"
    environment = {**os.environ, "JAX_PLATFORMS": "cpu", "KERAS_BACKEND": "jax", "XLA_FLAGS": flags}
    child = str(Path(__file__).with_name("child_of_test_splits.py"))
    subprocess.run([sys.executable, child, str(file)], env=environment, check=True, timeout=400)
    return pickle.loads(file.read_bytes())


@pytest.mark.parametrize("case", CASES)
def test_any_split_gives_the_losses_of_one_device(found, case):
    wanted = found["cases"][case][1, 1]["losses"]
    for split, result in found["cases"][case].items():
        np.testing.assert_allclose(result["losses"], wanted, rtol=2e-6, err_msg=f"devices, micro batches {split}")


def test_gradients_are_added_over_devices_once_per_update(found):
    for case in CASES:
        for (devices, micro_batches), result in found["cases"][case].items():
            where = f"{case}, {devices} devices, {micro_batches} micro batches"
            assert not [one for one in result["sent"] if one["in_loop"]], where
            assert {one["kind"] for one in result["sent"]} == ({"all-reduce"} if devices > 1 else set()), where
            gradients = 4 * result["weights"] if devices > 1 else 0  # and a few scalars
            assert gradients <= sum(one["bytes"] for one in result["sent"]) < gradients + 200, where


def test_the_plan_says_in_which_precision(found):
    exact = np.float32(8 * (1 + 2.0**-10))
    assert found["added"]["float32"] == {"gradient": exact, "sum": exact}
    assert found["added"]["bfloat16"] == {"gradient": np.float32(8), "sum": exact}
