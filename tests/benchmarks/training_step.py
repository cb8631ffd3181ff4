"""Time of one training step: ours, transformers on PyTorch (stock, and with a masked-only head) and TF Model Garden.

    .venv/bin/python tests/benchmarks/training_step.py                      # BERT-Mini in float32 on one core
    .venv/bin/python tests/benchmarks/training_step.py --size base --batch 4
    .venv/bin/python tests/benchmarks/training_step.py --size base --batch 256 --dtype bfloat16 --cores 0   # accelerator

A step is forward, backward, clipping and AdamW on static random instances with dropout, one process after the other,
each pinned to --cores cores; JAX and PyTorch use an accelerator when they find one. Rounds are interleaved, so that all
share a noisy machine's good and bad minutes; the median counts. transformers' rows need torch and transformers,
--compile adds torch.compile. MFU counts model FLOPs only, with logits at masked positions.
"""

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from step_contenders import CONTENDERS, SIZES, batch_of, config_of, predictions_of

from trainer.devices.hardware import peak_flops
from trainer.model.size import flops_per_step, pretraining_heads


def main() -> None:
    """Measure every contender in processes of their own and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="mini")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--max_seq_length", type=int, default=128)
    parser.add_argument("--vocab_size", type=int, default=30522)
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--cores", type=int, default=1, help="cores to pin a process to; 0: all (default: 1)")
    parser.add_argument("--rounds", type=int, default=3, help="processes per contender (default: 3)")
    parser.add_argument("--seconds", type=float, default=10, help="of steps in each process (default: 10)")
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, help="leave the others out")
    parser.add_argument("--compile", action="store_true", help="also transformers with torch.compile")
    parser.add_argument("--profile", action="store_true", help="instead: where the time of our step goes")
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.profile:
        _profile(options)
        return
    if options.contender:
        print(json.dumps(_measure(options)))
        return
    names = options.only or [name for name in CONTENDERS if _wanted(name, options)]
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(options.rounds):
        for name in names:
            found[name].append(_in_a_process(name, options.cores))
    _print(options, found)


def _wanted(name: str, options: argparse.Namespace) -> bool:
    if "transformers" in name and not (find_spec("torch") and find_spec("transformers")):
        return False
    return options.compile or not name.endswith("compiled")


def _in_a_process(name: str, cores: int) -> dict[str, Any]:
    chosen = sorted(os.sched_getaffinity(0))[: cores or None]
    environment = os.environ | {"OMP_NUM_THREADS": str(len(chosen)), "TF_USE_LEGACY_KERAS": "1"}
    done = subprocess.run(
        [sys.executable, __file__, *sys.argv[1:], "--contender", name],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        preexec_fn=lambda: os.sched_setaffinity(0, chosen),
    )
    if done.returncode:
        sys.exit(f"{name}: {done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _print(options: argparse.Namespace, found: dict[str, list[dict[str, Any]]]) -> None:
    device = next(iter(found.values()))[0]["device"]
    print(
        f"BERT-{options.size}, batch {options.batch}, length {options.max_seq_length}, vocabulary {options.vocab_size:,}, "
        f"{options.dtype}, {device}"
    )
    print(f"{'':<38}{'ms a step':>10}{'examples/s':>12}{'times ours':>12}{'MFU':>7}{'first step':>12}{'peak GB':>9}")
    config = config_of(options)
    heads = pretraining_heads(config, predictions_of(options))
    flops = flops_per_step(config, heads, options.batch, options.max_seq_length)
    seconds = {name: statistics.median(result["seconds"] for result in results) for name, results in found.items()}
    for name, results in found.items():
        peak = peak_flops(results[0]["device"])
        mfu = f"{flops / seconds[name] / peak:.1%}" if peak else "-"
        ours = f"{seconds[name] / seconds['ours']:.2f}" if "ours" in seconds else "-"
        print(
            f"{name:<38}{seconds[name] * 1000:>10.1f}{options.batch / seconds[name]:>12.1f}{ours:>12}{mfu:>7}"
            f"{min(result['first'] for result in results):>10.1f} s{max(r['peak_gb'] for r in results):>9.2f}"
        )


def _profile(options: argparse.Namespace) -> None:
    """Print the shares of a traced step's operations, the compiler's matrix products as one."""
    import jax

    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cores or None])
    step, device, _ = CONTENDERS["ours"](options, batch_of(options))
    for _ in range(3):
        float(step())
    with tempfile.TemporaryDirectory() as folder:
        with jax.profiler.trace(folder):
            for _ in range(5):
                float(step())
        trace = json.loads(gzip.decompress(next(Path(folder).rglob("*.trace.json.gz")).read_bytes()))
    seconds: Counter[str] = Counter()
    for event in trace["traceEvents"]:
        if "hlo_op" in event.get("args", {}):
            name = event["name"].split(".")[0]
            product = name.startswith(("dot", "ynn_fusion", "gemm", "cublas", "nvjet"))  # CPU: XLA's and YNNPACK's
            seconds["matrix products, sums" if product else name] += event["dur"] / 5e6
    total = sum(seconds.values())
    print(f"BERT-{options.size}, batch {options.batch}, {device}: {total * 1000:.0f} ms a step in compiled operations")
    for name, value in seconds.most_common(12):
        print(f"{name:<38}{value * 1000:>8.1f} ms{value / total:>8.1%}")


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    began = time.perf_counter()
    step, device, peak_gb = CONTENDERS[options.contender](options, batch_of(options))
    float(step())
    first = time.perf_counter() - began
    for _ in range(2):
        float(step())
    times = []
    until = time.perf_counter() + options.seconds
    while len(times) < 3 or time.perf_counter() < until:
        began, count = time.perf_counter(), 10 if times and times[-1] < 0.1 else 1
        for _ in range(count - 1):
            step()
        float(step())  # accelerators run behind: only a value that is read is a finished step
        times.append((time.perf_counter() - began) / count)
    return {"seconds": statistics.median(times), "first": first, "device": device, "peak_gb": peak_gb()}


if __name__ == "__main__":
    main()
