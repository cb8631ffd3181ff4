"""What the compiler of TPUs makes of the training step: no array of scores is left."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("libtpu") is None, reason='libtpu is not installed: pip install -e ".[trainer,tpu]"'
)


def compiled(*arguments):
    child = str(Path(__file__).with_name("child_of_test_ahead.py"))
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    done = subprocess.run(
        [sys.executable, child, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_no_scores_reach_the_memory_of_a_tpu():
    fused = compiled("v5e-8", "128", "auto")
    assert "fused (tpu): 2 kernel calls" in fused
    assert fused.endswith("square arrays: []\n")
    assert "128,128]" in compiled("v5e-8", "128", "einsum")


def test_a_tpu_v3_takes_the_einsums_because_its_compiler_refuses_the_kernels():
    assert "einsum: 0 kernel calls" in compiled("v3-8", "128", "auto")
