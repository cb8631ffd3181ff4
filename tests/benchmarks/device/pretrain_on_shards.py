"""`trainer pretrain` itself on real shards: what the loop, the reader and the copies to the device add to a step.

    .venv/bin/python tests/benchmarks/device/pretrain_on_shards.py --data .device/instances --size base --batch 256

The shards must be of length 128. It prints the speed of the last third of the updates, and the share of the time that
was spent waiting for data.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from step_contenders import SIZES

ROOT = Path(__file__).resolve().parents[3]
PLAN = """
name = "device_check"
log_every = {every}
[model]
model_class = "data"
compute_dtype = "{dtype}"
config = {{ {config} }}
[optimizer]
name = "lamb"
[[phase]]
name = "only"
sequence_length = 128
batch = {batch}
steps = {steps}
learning_rate = {{ peak = 1e-3, warmup_steps = 1 }}
evaluation = {{ batches = 0 }}
"""
KEPT = ("loss", "instances_per_second", "tokens_per_second", "mfu", "data_wait", "seconds_per_update")


def main() -> None:
    """Train, and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, metavar="DIR", help="instances of length 128")
    parser.add_argument("--size", choices=SIZES, default="mini")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="bfloat16")
    options = parser.parse_args()
    config = ", ".join(f"{name} = {value}" for name, value in SIZES[options.size].items())
    text = PLAN.format(
        every=max(options.steps // 3, 1), dtype=options.dtype, config=config, batch=options.batch, steps=options.steps
    )
    with tempfile.TemporaryDirectory(prefix="pretrain-on-shards-") as folder:
        plan, run = Path(folder, "plan.toml"), Path(folder, "run")
        plan.write_text(text)
        command = [sys.executable, "-m", "trainer", "pretrain", "--plan", str(plan), "--data", options.data]
        done = subprocess.run([*command, "--output", str(run)], cwd=ROOT, check=False, stdout=sys.stderr)
        if done.returncode:
            sys.exit(done.returncode)
        records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        settings = json.loads((run / "run_logs.json").read_text())["hardware"]
    first, last = records[0], records[-1]
    found = {name: float(f"{last[name]:.4g}") for name in KEPT if last.get(name) is not None}
    print(json.dumps({**found, "first_loss": float(f"{first['loss']:.4g}"), "hardware": settings}))


if __name__ == "__main__":
    main()
