import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import trainer  # noqa: F401  chooses the backend, before any test imports Keras

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def golden_case():
    specification = importlib.util.spec_from_file_location("golden_case", HERE / "golden_case.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def golden():
    with np.load(HERE / "golden_bert.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="session")
def on_tensorflow(tmp_path_factory):
    """What run_on_tensorflow.py computed, in a process whose Keras runs on TensorFlow."""
    output = tmp_path_factory.mktemp("tensorflow") / "results.npz"
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "PYTHONPATH": str(HERE.parents[2])}
    command = [sys.executable, str(HERE / "run_on_tensorflow.py"), str(output)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with np.load(output) as arrays:
        return dict(arrays)
