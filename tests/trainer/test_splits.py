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
    for split, values in found[case].items():
        np.testing.assert_allclose(values, found[case][1, 1], rtol=2e-6, err_msg=f"devices, micro batches {split}")
