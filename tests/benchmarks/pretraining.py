"""The same small BERT trained by `trainer pretrain` and by transformers on PyTorch: held-out masked-LM loss side by side.

    .venv/bin/python tests/benchmarks/pretraining.py --data INSTANCES --output WORK

Both start from the same weights and see the same batches, learning rates, LAMB and held-out instances; only dropout draws
differ. INSTANCES is an output of the instances job with a dev split. WORK keeps both curves, and a side that is finished
there is not trained again. Needs torch and transformers beside what the tests need.
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
    parser.add_argument("--data", required=True, metavar="DIR", help="instances of length 128 with a dev split")
    parser.add_argument("--output", required=True, metavar="DIR")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--peak", type=float, default=5e-3, help="of the learning rate (default: 5e-3)")
    parser.add_argument("--every", type=int, default=200, help="steps between evaluations (default: 200)")
    options = parser.parse_args()
    output = Path(options.output)
    output.mkdir(parents=True, exist_ok=True)
    plan = output / "plan.toml"
    plan.write_text(
        PLAN.format(steps=options.steps, peak=options.peak, warmup=options.steps // 10, every=options.every)
    )
    _train_ours(plan, options.data, output / "ours")
    ours = _curve(output / "ours" / "metrics.jsonl")
    theirs_file = output / "pytorch.jsonl"
    if len(_curve(theirs_file)) < len(ours):
        _train_theirs(plan, options.data, theirs_file)
    theirs = _curve(theirs_file)
    print(f"{'step':>6}{'ours':>10}{'PyTorch':>10}{'difference':>12}   held-out masked-LM loss")
    for step in ours:
        print(f"{step:>6}{ours[step]:>10.4f}{theirs[step]:>10.4f}{ours[step] / theirs[step] - 1:>12.2%}")


def _train_ours(plan: Path, data: str, output: Path) -> None:
    arguments = ["--plan", str(plan), "--data", data, "--output", str(output)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "trainer", "pretrain", *arguments], check=True, env=environment)


def _curve(file: Path) -> dict[int, float]:
    """Held-out masked-LM loss by step."""
    records = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return {record["step"]: record["mlm_loss"] for record in records if record["kind"] == "evaluation"}


def _train_theirs(plan_file: Path, data: str, file: Path) -> None:
    import torch
    from pytorch_bert import Lamb, from_ours, loss_sums

    from trainer.data.corpus_folder import find_folders, fit_phase, folder_for
    from trainer.devices.runtime import current_runtime
    from trainer.model.bert import build_pretrainer
    from trainer.optim.schedule import learning_rate
    from trainer.plans.reading import read_plan
    from trainer.run.model_source import model_source
    from trainer.training.phase_data import phase_data

    plan = read_plan(str(plan_file))
    folders = find_folders((data,))
    phase = fit_phase(plan.phases[0], folder_for(plan.phases[0], folders))
    config = model_source(plan.model, folders).config
    batches = phase_data(
        phase, folder_for(phase, folders), plan.seed, phase.batch, current_runtime(), config.vocab_size
    )
    assert batches.evaluation is not None, f"{data} has no dev split"
    torch.manual_seed(plan.seed)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    model = from_ours(build_pretrainer(config, seed=plan.seed))
    optimizer = Lamb(model, phase.optimizer)
    training = batches.train(0)
    began = time.perf_counter()
    with file.open("w") as lines:
        for step in range(phase.steps):
            model.train()
            sums = loss_sums(model, next(training))
            loss = sums["mlm_loss"] / sums["mlm_weight"] + sums["nsp_loss"] / sums["nsp_weight"]
            loss.backward()
            optimizer.update(learning_rate(phase.learning_rate, phase.steps, step))
            if (step + 1) % phase.evaluation.every and step + 1 < phase.steps:
                continue
            held_out = _evaluate(model, batches.evaluation())
            lines.write(json.dumps({"kind": "evaluation", "step": step + 1, **held_out}) + "\n")
            lines.flush()
            rate = phase.batch * (step + 1) / (time.perf_counter() - began)
            print(f"PyTorch: step {step + 1}: held-out {held_out['mlm_loss']:.4f}, {rate:.0f} ex/s", flush=True)


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
