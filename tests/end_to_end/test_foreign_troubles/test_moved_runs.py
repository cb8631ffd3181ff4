"""What people lost when a run was killed, begun anew or read on another machine than the one that wrote it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from trainer.__main__ import main
from trainer.checkpoint import Checkpoints

ROOT = Path(__file__).parents[3]


def weights_at(output, step=None):
    checkpoints = Checkpoints(str(output))
    try:
        return checkpoints.restore_weights(step)[0]
    finally:
        checkpoints.close()


# --- another number of devices


@pytest.fixture(scope="module")
def eight_devices(tmp_path_factory):
    return tmp_path_factory.mktemp("eight") / "run"


@pytest.fixture
def trained_on_eight(eight_devices, tiny_plan, foreign_records, quick_compilation):
    """A run of four steps on eight devices."""
    if not eight_devices.exists():
        flags = {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_force_host_platform_device_count=8"}
        arguments = ["--plan", tiny_plan(steps=4), "--data", str(foreign_records), "--output", str(eight_devices)]
        command = [sys.executable, "-m", "trainer", "pretrain", *arguments, "--notensorboard"]
        environment = {**os.environ, **quick_compilation, **flags, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        assert "8 x " in done.stderr
    return eight_devices


def test_a_run_of_eight_devices_is_exported_on_one(trained_on_eight, tmp_path, capsys):
    """A team trained on a TPU host and could not export on its workstation."""
    target = tmp_path / "out"
    arguments = ["export", "--run", str(trained_on_eight), "--output", str(target), "--format", "model_garden"]
    assert main(arguments) == 0
    assert "largest difference 0\n" in capsys.readouterr().out


def test_a_run_of_eight_devices_is_begun_from_and_continued_on_one(
    trained_on_eight, pretrain, tiny_plan, foreign_records, tmp_path
):
    """The same team could not fine-tune from that run, nor go on with it on a smaller machine."""
    import shutil

    final = weights_at(trained_on_eight)
    assert pretrain(tiny_plan(), foreign_records, tmp_path / "next", "--init", trained_on_eight) == 0
    for path, value in weights_at(tmp_path / "next", 0).items():
        np.testing.assert_array_equal(value, final[path], err_msg=path)
    shutil.copytree(trained_on_eight, tmp_path / "smaller")
    assert pretrain(tiny_plan(steps=6), foreign_records, tmp_path / "smaller") == 2, "other steps are another plan"
    shutil.rmtree(tmp_path / "smaller" / "checkpoints" / "4")
    assert pretrain(tiny_plan(steps=4), foreign_records, tmp_path / "smaller") == 0
    for path, value in weights_at(tmp_path / "smaller", 4).items():
        np.testing.assert_allclose(value, final[path], atol=2e-6, err_msg=path)
