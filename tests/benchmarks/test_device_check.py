"""Every part of the check of a device runs, with tiny sizes on a CPU, and its result is kept line by line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MISSING = {"transformers"}  # what the tests' environment lacks


def _run(script: str, *arguments: str, environment: dict[str, str]) -> str:
    command = [sys.executable, str(HERE / script), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def carried(tmp_path_factory, quick_compilation):
    """What travels with the checkout, without wheels."""
    folder = tmp_path_factory.mktemp("carried") / "device"
    small = ["--no_wheels", "--vocab_size", "1003", "--documents", "20"]
    _run("device/carried.py", str(folder), *small, environment={**os.environ, **quick_compilation})
    return folder


def test_every_part_runs_on_a_cpu(carried, tmp_path):
    options = ["--smoke", "--carried", str(carried), "--output", str(tmp_path), "--deadline", "1800"]
    printed = _run("device_check.py", *options, environment={**os.environ, "JAX_PLATFORMS": "cpu"})
    rows = {row["name"]: row for row in map(json.loads, (tmp_path / "results.jsonl").read_text().splitlines())}
    failed = {name: row["failed"] for name, row in rows.items() if "failed" in row}
    assert {name.split()[0] for name in failed} <= MISSING
    assert all("No module named 'torch'" in why for why in failed.values())
    assert next(iter(rows)) == "environment"
    assert rows["environment"]["device"] == "cpu"
    parity = rows["parity and repeatability"]
    assert parity["float32_repeats_bit_for_bit"]
    assert parity["bfloat16_repeats_bit_for_bit"]
    assert parity["float32_figures_differ_by"] < 1e-4
    assert rows["pretrain on shards 128 x 256"]["data_wait"] >= 0
    step = rows["ours 128 x 256"]
    assert step["seconds"] > 0
    assert 2 < len(step["kernels"]) <= 11
    assert (tmp_path / "table.txt").read_text() in printed
    assert "ours 128 x 256: the largest kernels of a step" in printed


def test_what_the_deadline_leaves_no_time_for_is_named(tmp_path):
    command = [sys.executable, str(HERE / "device_check.py"), "--smoke", "--deadline", "0", "--output", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    rows = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert len(rows) > 8
    assert all(row["failed"] == "not begun: 0 s were left" for row in rows)


def test_a_part_that_hangs_costs_its_own_row_only(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    import device_check
    from device.parts import Part

    (tmp_path / "hang.py").write_text("import time\ntime.sleep(600)\n")
    (tmp_path / "good.py").write_text("print('{\"found\": 1}')\n")
    rows = [
        device_check._run(Part(name, 9, (str(tmp_path / f"{name}.py"),)), seconds, dict(os.environ), tmp_path)
        for name, seconds in (("hang", 0.5), ("good", 60))
    ]
    assert rows[0]["failed"] == "over its 0 s"  # half a second
    assert rows[1]["found"] == 1
