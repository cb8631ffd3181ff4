"""What people lost on held-out figures that could not be compared."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
METRICS = ("loss", "mlm_loss", "mlm_accuracy", "nsp_loss", "nsp_accuracy")
PLAN = {
    "phase": "evaluation = { batches = 50 }",
    "model": "config = { hidden_dropout_prob = 0.0, attention_probs_dropout_prob = 0.0 }",
}


def evaluation(output):
    lines = [json.loads(line) for line in (output / "metrics.jsonl").read_text().splitlines()]
    (found,) = [line for line in lines if line["kind"] == "evaluation"]
    return found


def assert_same(found, wanted):
    assert found["instances"] == wanted["instances"]
    for name in METRICS:
        assert found[name] == pytest.approx(wanted[name], rel=1e-5), name


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return tmp_path_factory.mktemp("whole") / "run"


@pytest.fixture
def reference(whole, pretrain, tiny_plan, foreign_records):
    """The evaluation of a run with whole batches on one device."""
    if not whole.exists():
        assert pretrain(tiny_plan(**PLAN), foreign_records, whole) == 0
    return evaluation(whole)


def test_an_evaluation_covers_the_same_instances_however_the_batch_is_split(
    reference, pretrain, tiny_plan, foreign_records, tmp_path
):
    """A team compared runs with and without --accumulation, and had compared other held-out instances."""
    assert reference["instances"] == 45, "the last batch is not full"
    assert pretrain(tiny_plan(**PLAN), foreign_records, tmp_path, "--accumulation", 4) == 0
    assert_same(evaluation(tmp_path), reference)


def test_an_evaluation_covers_the_same_instances_on_eight_devices(
    reference, tiny_plan, foreign_records, tmp_path, quick_compilation
):
    """The same team moved to a machine of eight devices, and some of its held-out instances were left out."""
    flags = {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_force_host_platform_device_count=8", "PYTHONPATH": str(ROOT)}
    arguments = ["--plan", tiny_plan(**PLAN), "--data", str(foreign_records), "--output", str(tmp_path / "eight")]
    command = [sys.executable, "-m", "trainer", "pretrain", *arguments, "--notensorboard"]
    done = subprocess.run(
        command, env={**os.environ, **quick_compilation, **flags}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "8 x 2 rows" in done.stderr
    assert_same(evaluation(tmp_path / "eight"), reference)
