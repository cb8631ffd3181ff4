"""Time of one training step: ours, transformers on PyTorch (stock, and with a masked-only head) and TF Model Garden.

    .venv/bin/python tests/benchmarks/training_step.py                      # BERT-Mini in float32 on one core
    .venv/bin/python tests/benchmarks/training_step.py --size base --batch 4
    .venv/bin/python tests/benchmarks/training_step.py --size base --batch 256 --dtype bfloat16 --cores 0   # accelerator

A step is forward, backward, clipping and optimizer on static random instances with dropout, one process after the other,
each pinned to --cores cores; JAX and PyTorch use an accelerator when they find one. --optimizer is that of our rows; the
others always have AdamW. Rounds are interleaved, so that all share a noisy machine's good and bad minutes; the median
counts. transformers' rows need torch and transformers, --compile adds torch.compile. A contender that cannot be measured
is a line that says why. MFU counts model FLOPs only, with logits at masked positions.
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
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from step_contenders import CONTENDERS, SIZES, batch_of, config_of, predictions_of

from trainer.devices.hardware import peak_flops
from trainer.model.size import flops_per_step, pretraining_heads

TRACED = 3  # steps of a profile
LARGEST = 10  # kernels that a profile names


def main() -> None:
    """Measure every contender in processes of their own and print one table."""
    options = _options()
    if options.contender:
        print(json.dumps(_measure(options)))
        return
    if options.profile:
        options.contender = "ours"
        found = _measure(options)
        print(f"BERT-{options.size}, batch {options.batch}, {found['device']}, kernels of a step")
        print(*found["kernels"], sep="\n")
        return
    names = options.only or [name for name in CONTENDERS if options.compile or not name.endswith("compiled")]
    found = {name: [] for name in names}
    why: dict[str, str] = {}
    for _ in range(options.rounds):
        for name in names:
            if name not in why:
                result = _in_a_process(name, options.cores)
                found[name].append(result)
                if "failed" in result:
                    why[name] = result["failed"]
    measured = {name: results for name, results in found.items() if name not in why}
    if measured:
        _print(options, measured)
    for name, reason in why.items():
        print(f"{name:<38} not measured: {reason}")
    sys.exit(not measured)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="mini")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--max_seq_length", type=int, default=128)
    parser.add_argument("--vocab_size", type=int, default=30522, help="119547 is multilingual BERT's (default: 30522)")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--optimizer", choices=("adamw", "lamb"), default="adamw", help="of our rows (default: adamw)")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--attention", choices=("auto", "fused", "einsum"), default="auto", help="of our rows")
    parser.add_argument("--cores", type=int, default=1, help="cores to pin a process to; 0: all (default: 1)")
    parser.add_argument("--rounds", type=int, default=3, help="processes per contender (default: 3)")
    parser.add_argument("--seconds", type=float, default=10, help="of steps in each process (default: 10)")
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, help="leave the others out")
    parser.add_argument("--compile", action="store_true", help="also transformers with torch.compile")
    parser.add_argument("--profile", action="store_true", help=f"instead: the {LARGEST} largest kernels of our step")
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_a_process(name: str, cores: int) -> dict[str, Any]:
    """What the contender measured, or {"failed": why in one line}."""
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
        return {"failed": (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]}
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _print(options: argparse.Namespace, found: dict[str, list[dict[str, Any]]]) -> None:
    device = next(iter(found.values()))[0]["device"]
    print(
        f"BERT-{options.size}, batch {options.batch}, length {options.max_seq_length}, vocabulary {options.vocab_size:,}, "
        f"{options.dtype}, {device}; ours with {options.optimizer}"
    )
    print(f"{'':<38}{'ms a step':>10}{'examples/s':>12}{'times ours':>12}{'MFU':>7}{'first step':>12}{'peak GB':>9}")
    seconds = {name: statistics.median(result["seconds"] for result in results) for name, results in found.items()}
    for name, results in found.items():
        mfu = (
            f"{results[0]['flops'] / seconds[name] / results[0]['peak_flops']:.1%}" if results[0]["peak_flops"] else "-"
        )
        ours = f"{seconds[name] / seconds['ours']:.2f}" if "ours" in seconds else "-"
        print(
            f"{name:<38}{seconds[name] * 1000:>10.1f}{options.batch / seconds[name]:>12.1f}{ours:>12}{mfu:>7}"
            f"{min(result['first'] for result in results):>10.1f} s{max(r['peak_gb'] for r in results):>9.2f}"
        )


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    began = time.perf_counter()
    ready = CONTENDERS[options.contender](options, batch_of(options))
    step = ready.step
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
    config = config_of(options)
    heads = pretraining_heads(config, predictions_of(options))
    found = {
        "batch": options.batch,
        "seconds": statistics.median(times),
        "low": min(times),
        "high": max(times),
        "first": first,
        "device": ready.device,
        "peak_gb": ready.peak_gb(),
        "flops": flops_per_step(config, heads, options.batch, options.max_seq_length),
        "peak_flops": peak_flops(ready.device),
    }
    if options.profile:
        found |= {"kernels": _kernels(step), "compiler_gb": ready.compiler_gb()}
    return found


def _kernels(step: Callable[[], Any]) -> list[str]:
    """Lines with the largest kernels of a traced step of JAX: their time, share and number."""
    import jax

    with tempfile.TemporaryDirectory() as folder:
        with jax.profiler.trace(folder):
            for _ in range(TRACED):
                float(step())
        trace = json.loads(gzip.decompress(next(Path(folder).rglob("*.trace.json.gz")).read_bytes()))
    seconds: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    for event in trace["traceEvents"]:
        if "hlo_op" in event.get("args", {}):
            name = event["name"].split(".")[0]
            product = name.startswith(("dot", "ynn_fusion", "gemm", "cublas", "nvjet"))  # CPU: XLA's and YNNPACK's
            name = "matrix products, sums" if product else name
            seconds[name] += event["dur"] / 1e6 / TRACED
            calls[name] += 1
    total = sum(seconds.values())
    lines = [f"{'all':<44}{total * 1000:>9.2f} ms{1:>8.1%}{calls.total() // TRACED:>7} calls"]
    for name, value in seconds.most_common(LARGEST):
        lines.append(f"{name[:43]:<44}{value * 1000:>9.2f} ms{value / total:>8.1%}{calls[name] // TRACED:>7} calls")
    return lines


if __name__ == "__main__":
    main()
