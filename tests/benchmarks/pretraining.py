"""The same small BERT trained by `trainer pretrain` and by transformers on PyTorch: masked-LM losses side by side.

    .venv/bin/python tests/benchmarks/pretraining.py --data INSTANCES --output WORK
    .venv/bin/python tests/benchmarks/pretraining.py --data INSTANCES --output WORK --run RUN --steps 1000

Both start from the same weights and see the same batches, learning rates, optimizer and held-out instances; only dropout
draws differ. INSTANCES is an output of the instances job with a dev split. WORK keeps both curves, and a side that is
finished there is not trained again. With --run, ours is a run of any plan with one phase that `trainer pretrain` has made
from random weights, and PyTorch makes its first --steps updates. Needs torch and transformers beside what the tests need.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

PLAN = """
name = "small"
log_every = 100

[model]
model_class = "data"
compute_dtype = "float32"
config = {{ hidden_size = 128, num_hidden_layers = 2, num_attention_heads = 2, intermediate_size = 512 }}

[checkpoint]
every = 500

[[phase]]
name = "all"
sequence_length = 128
batch = 64
steps = {steps}
accumulation = 1
learning_rate = {{ peak = {peak}, warmup_steps = {warmup}, decay = "linear" }}
evaluation = {{ every = {every}, batches = 1000 }}
"""


def main() -> None:
    """Train both and print the two curves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", required=True, metavar="DIR", help="instances with a dev split; without --run of length 128"
    )
    parser.add_argument("--output", required=True, metavar="DIR")
    parser.add_argument("--run", metavar="DIR", help="compare this run instead of training one here")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--peak", type=float, default=5e-3, help="of the learning rate (default: 5e-3)")
    parser.add_argument("--every", type=int, default=200, help="steps between evaluations (default: 200)")
    parser.add_argument("--csv", metavar="FILE", help="write both curves there, and all of ours")
    options = parser.parse_args()
    output = Path(options.output)
    output.mkdir(parents=True, exist_ok=True)
    run = Path(options.run or output / "ours")
    if not options.run:
        plan = output / "plan.toml"
        plan.write_text(
            PLAN.format(steps=options.steps, peak=options.peak, warmup=options.steps // 10, every=options.every)
        )
        _train_ours(plan, options.data, run)
    ours, theirs_file = _curve(run / "metrics.jsonl"), output / "pytorch.jsonl"
    wanted = [key for key in ours if key[1] <= options.steps]
    if set(wanted) - set(_curve(theirs_file)):
        _train_theirs(run, options.data, theirs_file, options.steps)
    theirs = _curve(theirs_file)
    print(f"{'step':>6}{'ours':>10}{'PyTorch':>10}{'difference':>12}   held-out masked-LM loss")
    differences = {key: ours[key] / theirs[key] - 1 for key in wanted}
    for kind, step in wanted:
        if kind == "evaluation":
            pair = f"{ours[kind, step]:>10.4f}{theirs[kind, step]:>10.4f}"
            print(f"{step:>6}{pair}{differences[kind, step]:>12.2%}")
    for quarter in (1, 2, 3, 4):  # roundings differ, and what differs grows
        last = max(step for _, step in wanted) * quarter // 4
        apart = [abs(value) for (kind, step), value in differences.items() if kind == "train" and step <= last]
        print(f"training loss up to step {last}: at most {max(apart, default=0):.4%} apart")
    if options.csv:
        rows = [f"{kind},{step},{ours[kind, step]:.4f},{_figure(theirs.get((kind, step)))}" for kind, step in ours]
        Path(options.csv).write_text("\n".join(["kind,step,ours,pytorch", *rows]) + "\n")


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _train_ours(plan: Path, data: str, output: Path) -> None:
    arguments = ["--plan", str(plan), "--data", data, "--output", str(output)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "trainer", "pretrain", *arguments], check=True, env=environment)


def _curve(file: Path) -> dict[tuple[str, int], float]:
    """Masked-LM loss by kind and step: "train" is the mean since the step before, "evaluation" is held out."""
    records = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return {(r["kind"], r["step"]): r["mlm_loss"] for r in records if r["kind"] in ("train", "evaluation")}


def _train_theirs(run: Path, data: str, file: Path, steps: int) -> None:
    import torch
    from pytorch_bert import from_ours, loss_sums, optimizer_of

    from trainer.data.corpus_folder import find_folders, fit_phase, folder_for
    from trainer.devices.runtime import current_runtime
    from trainer.model.bert import build_pretrainer
    from trainer.model.config import BertConfig
    from trainer.optim.schedule import learning_rate
    from trainer.run.run_identity import read_identity, read_plan_of
    from trainer.training.phase_data import phase_data

    plan = read_plan_of(str(run))
    (phase,) = plan.phases
    config = BertConfig.from_dict(read_identity(str(run))["run"]["config"])
    folder = folder_for(phase, find_folders((data,)))
    phase = fit_phase(phase, folder)
    batches = phase_data(phase, folder, plan.seed, phase.batch, current_runtime(), config.vocab_size)
    assert batches.evaluation is not None, f"{data} has no dev split"
    torch.manual_seed(plan.seed)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    model = from_ours(build_pretrainer(config, seed=plan.seed))
    optimizer = optimizer_of(model, phase.optimizer)
    training = batches.train(0)
    began, used, losses = time.perf_counter(), time.process_time(), list[float]()
    with file.open("w") as lines:

        def write(kind: str, figures: Mapping[str, float]) -> None:
            lines.write(json.dumps({"kind": kind, "step": step, **figures}) + "\n")
            lines.flush()

        for step in range(1, min(steps, phase.steps) + 1):
            model.train()
            sums = loss_sums(model, next(training))
            masked = sums["mlm_loss"] / sums["mlm_weight"]
            (masked + phase.next_sentence_weight * sums["nsp_loss"] / sums["nsp_weight"]).backward()
            optimizer.update(learning_rate(phase.learning_rate, phase.steps, step - 1))
            losses.append(float(masked.detach()))
            if step % plan.log_every == 0 or step == phase.steps:
                write("train", {"mlm_loss": sum(losses) / len(losses)})
                losses.clear()
            if phase.evaluation_due(step):
                held_out = _evaluate(model, batches.evaluation())
                write("evaluation", held_out)
                elapsed, cpu = time.perf_counter() - began, time.process_time() - used
                rates = f"{phase.batch * step / elapsed:.0f} ex/s, {phase.batch * step / cpu:.0f} per CPU-second"
                print(f"PyTorch: step {step}: held-out {held_out['mlm_loss']:.4f}, {rates}", flush=True)


def _evaluate(model: "torch.nn.Module", batches: Iterator[Mapping[str, np.ndarray]]) -> dict[str, float]:
    import torch
    from pytorch_bert import loss_sums

    model.eval()
    total: dict[str, float] = {}
    with torch.no_grad():
        for batch in batches:
            for name, value in loss_sums(model, batch).items():
                total[name] = total.get(name, 0.0) + float(value)
    return {
        "mlm_loss": total["mlm_loss"] / total["mlm_weight"],
        "nsp_loss": total["nsp_loss"] / total["nsp_weight"],
    }


if __name__ == "__main__":
    main()
