"""The benchmark of a step keeps what it has measured when a contender cannot be measured."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("training_step.py")
TINY = ["--size", "tiny", "--batch", "2", "--max_seq_length", "16", "--vocab_size", "503", "--rounds", "1"]


@pytest.mark.skipif(find_spec("torch") is not None, reason="nothing is missing here")
def test_a_contender_that_is_not_installed_is_a_line_below_the_others(quick_compilation):
    command = [sys.executable, str(SCRIPT), *TINY, "--seconds", "0", "--optimizer", "lamb", "--only", "transformers"]
    environment = {**os.environ, **quick_compilation, "JAX_PLATFORMS": "cpu"}
    done = subprocess.run([*command, "ours"], capture_output=True, text=True, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = done.stdout.splitlines()
    assert lines[0].endswith("ours with lamb")
    assert lines[2].startswith("ours ")
    assert lines[3].split(maxsplit=1) == ["transformers", "not measured: ModuleNotFoundError: No module named 'torch'"]
