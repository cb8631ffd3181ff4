"""Everything to be learned from one accelerator, in one call of under eight minutes.

Once, in a checkout with `.venv` and a package index, a folder is made that must travel with the checkout: wheels, instance
shards and a CPU's figures, some 10 MB. git ignores `.device`, so name it where only tracked files are copied.

    .venv/bin/python tests/benchmarks/device/carried.py .device

Then, on the machine with the device, in the root of the checkout:

    python3 tests/benchmarks/device_check.py --carried .device --output results

That machine needs no network. Its Python (3.12, for these wheels) has JAX for the device, numba, Orbax, safetensors,
tokenizers and tensorboard; rows beside ours need PyTorch and transformers. Keras and four small packages come from the
wheels, which are installed into a temporary folder. TensorFlow and Beam are not needed.

The parts (`device/parts.py`) come in the order of their worth. Each is a process with a time limit of its own: one that
fails or hangs costs only its own row. No part begins that cannot end before --deadline; those left out are named. Each
result is a line of `results.jsonl` in --output at once (by default in $OUT, if it is set), what the parts say goes to
`log.txt`, and the table is printed last and kept in `table.txt`. --only takes parts of the names; --smoke runs every part
with tiny sizes on a CPU, those that are alike then only once.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from device.parts import Part, parts, smoke_parts

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LEAST_S = 25  # a part that has less time left than this is not begun
GOES_TO_THE_TABLE = ("name", "wall", "kernels", "seconds", "low", "high", "flops", "peak_flops", "batch")


def main() -> None:
    """Run the parts, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--carried", default=".device", metavar="DIR", help="what device/carried.py made (.device)")
    parser.add_argument("--output", default=os.environ.get("OUT", "device_results"), metavar="DIR")
    parser.add_argument("--deadline", type=float, default=460, metavar="SECONDS", help="for everything (default: 460)")
    parser.add_argument("--only", nargs="+", metavar="TEXT", help="the parts with one of these texts in their names")
    parser.add_argument("--smoke", action="store_true", help="every part with tiny sizes on a CPU")
    options = parser.parse_args()
    began, output, carried = time.monotonic(), Path(options.output).resolve(), Path(options.carried).resolve()
    output.mkdir(parents=True, exist_ok=True)
    chosen = smoke_parts(carried) if options.smoke else parts(carried)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="device-check-") as work:
        environment = _environment(Path(work), carried, output, options.smoke)
        for part in chosen:
            if options.only and not any(text in part.name for text in options.only):
                continue
            left = max(options.deadline - (time.monotonic() - began), 0)
            if left < min(part.seconds, LEAST_S):
                row = {"name": part.name, "failed": f"not begun: {left:.0f} s were left"}
            else:
                row = _run(part, min(part.seconds, left), environment, output)
            rows.append(row)
            with (output / "results.jsonl").open("a") as file:
                file.write(json.dumps(row) + "\n")
            print(f"{time.monotonic() - began:6.0f} s  {part.name}: {row.get('failed', 'done')}", flush=True)
    table = "\n".join(_table(rows))
    (output / "table.txt").write_text(table + "\n")
    print(table)
    sys.exit(all("failed" in row for row in rows))


def _environment(work: Path, carried: Path, output: Path, smoke: bool) -> dict[str, str]:
    """The environment of the parts, with the wheels installed."""
    site = work / "site"
    wheels = sorted((carried / "wheels").glob("*.whl"))
    if wheels:
        fixed = ["-q", "--no-index", "--no-deps", "--no-compile", "--no-cache-dir", "--target", str(site)]
        command = [sys.executable, "-m", "pip", "install", *fixed, *map(str, wheels)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            why = (done.stderr.strip().splitlines() or ["pip failed"])[-1]
            print(f"{carried / 'wheels'}: not installed, so Keras must be here already ({why})", flush=True)
    path = [str(ROOT), str(site), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        "KERAS_BACKEND": "jax",  # else Keras imports TensorFlow where nothing else chooses
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TOKENIZERS_PARALLELISM": "false",
        "JAX_COMPILATION_CACHE_DIR": str(work / "compiled"),  # parts share what they compile
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0" if smoke else "5",
        **({"JAX_PLATFORMS": "cpu", "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"} if smoke else {}),
    }


def _run(part: Part, seconds: float, environment: dict[str, str], output: Path) -> dict[str, Any]:
    """The part's result, or why there is none, in a row."""
    began = time.monotonic()
    flags = {"XLA_FLAGS": f"{environment.get('XLA_FLAGS', '')} {part.xla_flags}".strip()} if part.xla_flags else {}
    child = subprocess.Popen(
        [sys.executable, str(HERE / part.command[0]), *part.command[1:]],
        cwd=ROOT,
        env={**environment, **flags},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that a part ends with all processes that it has started
    )
    try:
        printed, said = child.communicate(timeout=seconds)
        result = _result(child.returncode, printed, said)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        printed, said = child.communicate()
        result = {"failed": f"over its {seconds:.0f} s"}
    with (output / "log.txt").open("a") as log:
        log.write(f"\n===== {part.name}: {' '.join(part.command)} {part.xla_flags}\n{said}\n{printed}\n")
    return {"name": part.name, "wall": round(time.monotonic() - began, 1), **result}


def _result(status: int, printed: str, said: str) -> dict[str, Any]:
    lines = [line for line in printed.splitlines() if line.startswith("{")]
    if status or not lines:
        last = (said.strip().splitlines() or [""])[-1]
        return {"failed": last[:200] or f"exit status {status}, see log.txt"}
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def _table(rows: list[dict[str, Any]]) -> list[str]:
    head = f"{'':<42}{'ms':>9}{'examples/s':>12}{'MFU':>7}{'peak GB':>9}{'first s':>9}{'wall s':>8}"
    lines = [head]
    for row in rows:
        if "seconds" in row:
            mfu = f"{row['flops'] / row['seconds'] / row['peak_flops']:.1%}" if row["peak_flops"] else "-"
            lines.append(
                f"{row['name']:<42}{row['seconds'] * 1000:>9.1f}{row['batch'] / row['seconds']:>12.1f}{mfu:>7}"
                f"{row['peak_gb']:>9.2f}{row['first']:>9.1f}{row['wall']:>8.1f}"
            )
    lines.append("")
    for row in rows:
        known = ("peak_gb", "first", "device") if "seconds" in row else ()
        facts = [f"{key} {value}" for key, value in row.items() if key not in (*GOES_TO_THE_TABLE, *known)]
        if facts:
            lines.append(f"{row['name']}: {', '.join(facts)}")
    for row in rows:
        if row.get("kernels"):
            lines += ["", f"{row['name']}: the largest kernels of a step", *row["kernels"]]
    return lines


if __name__ == "__main__":
    main()
