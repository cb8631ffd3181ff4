"""`trainer plan compile`: mistakes in one line, and a small plan compiled for a TPU that is not here."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from trainer.__main__ import main
from trainer.commands import compile_plan

ROOT = Path(__file__).parents[3]
PLAN = """name = "small"
[model]
model_class = "data"
config = { vocab_size = 1000, hidden_size = 32, num_hidden_layers = 1, num_attention_heads = 2, intermediate_size = 64 }
[[phase]]
name = "only"
sequence_length = 32
batch = 64
steps = 20
accumulation = 2
learning_rate = { peak = 1e-3 }
"""


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["--topology", "v5e"], "write it like v5e-8"),
        (["--topology", "v5e-8", "--slices", "0"], "--slices 0 must be at least 1"),
        (["--topology", "v5e-8", "--accumulation", "-1"], "must not be negative"),
        (["--device", "abacus"], "there are A100, H100"),
        (["--device", "H100", "--devices", "0"], "--devices 0 must be at least 1"),
        ([], "one of the arguments --topology --device is required"),
        (["--topology", "v5e-8", "--device", "H100"], "not allowed with argument"),
    ],
)
def test_a_mistake_is_one_line(arguments, remedy, capsys):
    assert main(["plan", "compile", "demo", *arguments]) == 2
    assert remedy in capsys.readouterr().err


@pytest.mark.parametrize(("machine", "extra"), [(["--topology", "v5e-8"], "tpu"), (["--device", "H100"], "cuda")])
def test_without_the_compiler_one_line_says_what_to_install(machine, extra, monkeypatch, capsys):
    monkeypatch.setattr(compile_plan.importlib.util, "find_spec", lambda name: None)
    assert main(["plan", "compile", "demo", *machine]) == 2
    assert f'pip install -c requirements.lock -e ".[trainer,{extra}]"' in capsys.readouterr().err


needs_libtpu = pytest.mark.skipif(
    importlib.util.find_spec("libtpu") is None, reason=f"libtpu is not installed: {compile_plan.TPU_REMEDY}"
)


def compiled_for_four_chips(folder, plan):
    """The figures of the small plan on a v5e-4."""
    (folder / "small.toml").write_text(plan)
    command = [sys.executable, "-m", "trainer", "plan", "compile", "small.toml", "--topology", "v5e-4"]
    done = subprocess.run(
        [*command, "--figures", "figures.jsonl"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "phase only: fits" in done.stdout
    return json.loads((folder / "figures.jsonl").read_text())


WEIGHTS = 1000 * 32 * 4  # bytes of the word table, whose gradient is added over the devices


@needs_libtpu
def test_a_small_plan_is_compiled_for_a_tpu_and_its_exchanges_are_read(tmp_path):
    found = compiled_for_four_chips(tmp_path, PLAN)
    assert (found["machine"], found["devices"], found["micro_batches"]) == ("v5e:2x2", 4, 2)
    assert sum(one["bytes"] for one in found["collectives"] if one["kind"] == "all-reduce") >= WEIGHTS
    assert not any(one["in_loop"] for one in found["collectives"])  # nothing is sent before all micro batches are done
    assert 0 < found["milliseconds"] < 1000


@needs_libtpu
def test_with_sharded_moments_a_tpu_scatters_gradients_and_gathers_weights(tmp_path):
    """No device receives the whole sum of the word table, the largest array."""
    found = compiled_for_four_chips(tmp_path, PLAN.replace("[model]", "[model]\nshard_moments = true"))
    sent = {one["kind"]: one["bytes"] for one in found["collectives"]}
    assert not any(one["in_loop"] for one in found["collectives"])
    assert min(sent["reduce-scatter"], sent["all-gather"]) >= WEIGHTS
    assert found["network"].endswith("-sharded")
    assert sent["all-reduce"] < WEIGHTS / 2  # what stays whole: kernels of 32 x 64 and smaller arrays
