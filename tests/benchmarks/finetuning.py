"""The same model fine-tuned by `trainer finetune` and by transformers on PyTorch, with dropout, over several seeds.

    nice -n 10 .venv/bin/python tests/benchmarks/finetuning.py --model exported --train train.jsonl --dev dev.jsonl --work work

Of each seed, both sides start from the same weights, the drawn head included, and take the same batches at the same rates; dropout
draws its own masks on each side. Both keep the weights of the last epoch and predict the dev set, and `trainer compare` says whether
they differ. With `--dropout 0` the losses are compared too. WORK keeps what is finished.
Needs torch and transformers beside what the tests need.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))


def main() -> None:
    """Fine-tune both sides, and print what `trainer compare` finds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, metavar="DIR", help="a BERT as a Hugging Face folder")
    parser.add_argument("--train", required=True, metavar="FILE", help="labelled texts")
    parser.add_argument("--dev", required=True, metavar="FILE", help="labelled texts to score on")
    parser.add_argument("--work", required=True, metavar="DIR")
    parser.add_argument("--dropout", type=float, default=0.1, help="everywhere (default: 0.1)")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--learning_rate", type=float, default=1e-3)
    parser.add_argument("--epochs", type=int, default=3)
    options = parser.parse_args()
    work = Path(options.work)
    model = with_dropout(Path(options.model), work / "model", options.dropout)
    files = ("--model", str(model), "--train", options.train, "--dev", options.dev)
    rest = ("--learning_rate", str(options.learning_rate), "--epochs", str(options.epochs))
    dropout = ("--head_dropout", str(options.dropout))
    ours = ("--output", str(work / "ours"), "--seeds", str(options.seeds))
    trainer("finetune", "--task", "classify", *files, *rest, *dropout, "--keep", "last", *ours)
    for seed in range(options.seeds):
        theirs(options, model, work, seed)
        if not options.dropout:
            print(
                f"seed {seed}: losses of the log are at most {max(loss_differences(work, seed)):.4%} apart", flush=True
            )
    trainer("compare", "--base", str(work / "pytorch"), "--experiment", str(work / "ours"))


def trainer(*command: str) -> None:
    """Run a command of the trainer."""
    subprocess.run([sys.executable, "-m", "trainer", *command], check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})


def with_dropout(source: Path, folder: Path, rate: float) -> Path:
    """A copy of the model that drops units at this rate wherever BERT does."""
    if not folder.exists():
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("beambert_export.json"))
        config = json.loads((folder / "config.json").read_text())
        config |= {"hidden_dropout_prob": rate, "attention_probs_dropout_prob": rate}
        (folder / "config.json").write_text(json.dumps(config, indent=2))
    return folder


def theirs(options: argparse.Namespace, model: Path, work: Path, seed: int) -> None:
    """Fine-tune with PyTorch, and write the files that `trainer compare` reads."""
    output = work / "pytorch" / f"seed-{seed}"
    if (output / "scores.json").exists():
        return
    import torch
    from pytorch_bert import AdamW
    from transformers import AutoModelForSequenceClassification

    from trainer.examples.example_batches import ExampleBatches
    from trainer.export.finetuned.save_finetuned import save_finetuned
    from trainer.export.weight_map import assign_weights
    from trainer.finetuning.finetuning_plan import finetuning_plan
    from trainer.finetuning.prepare import prepare
    from trainer.finetuning.run_files import write_json, write_json_lines
    from trainer.finetuning.settings import FinetuneSettings, TaskSettings
    from trainer.optim.schedule import learning_rate
    from trainer.scores.scores_of import scores_of

    settings = FinetuneSettings(
        TaskSettings("classify"),
        model=str(model),
        train=(options.train,),
        dev=options.dev,
        output=str(output),
        epochs=options.epochs,
        head_dropout=options.dropout,
    )
    prepared = prepare(settings)
    batches = ExampleBatches(prepared.train.encoded.fields, prepared.buckets, settings.batch, seed)
    plan = finetuning_plan(
        settings,
        options.learning_rate,
        seed,
        sequence_length=prepared.data.settings.max_seq_length,
        steps_per_epoch=batches.steps_per_epoch,
        metric=prepared.metric,
    )
    (phase,) = plan.phases
    start = prepared.task.build(prepared.initial.config, compute_dtype="float32", rematerialise=False, seed=seed)
    assign_weights(start, prepared.initial)
    folder = work / f"start-{seed}"
    form, pad_id = prepared.data.form, prepared.data.pad_id
    save_finetuned(start, form, folder, head_dropout=options.dropout, pad_id=pad_id, card="", files={})
    network = AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="eager")
    torch.manual_seed(seed)
    optimizer, losses, logged = AdamW(network, phase.optimizer), list[float](), list[dict[str, float]]()
    training = batches.train(0)
    network.train()
    for step in range(1, phase.steps + 1):
        batch = next(training)
        weights = torch.as_tensor(batch["weights"])
        each = torch.nn.functional.cross_entropy(
            logits(network, batch), torch.as_tensor(batch["labels"]).long(), reduction="none"
        )
        loss = (each * weights).sum() / weights.sum()
        loss.backward()
        optimizer.update(learning_rate(phase.learning_rate, phase.steps, step - 1))
        losses.append(float(loss.detach()))
        if step % plan.log_every == 0 or step == phase.steps:
            logged.append({"step": step, "loss": sum(losses) / len(losses)})
            losses.clear()
    network.eval()
    found: list[Any] = [None] * len(prepared.dev.encoded.rows)
    with torch.no_grad():
        for batch in ExampleBatches(prepared.dev.encoded.fields, prepared.buckets, settings.batch).once():
            for row, values in zip(batch["rows"], logits(network, batch).numpy(), strict=True):
                if row >= 0:
                    found[row] = values
    predicted = prepared.data.predict(prepared.dev.examples, prepared.dev.encoded, found)
    write_json_lines(str(output / "predictions" / "dev.jsonl"), predicted.rows)
    write_json(str(output / "losses.json"), logged)
    write_json(str(output / "scores.json"), {"dev": scores_of(predicted.predictions)})


def logits(network: Any, batch: Any) -> Any:
    """The logits of a batch, [rows, labels]."""
    import torch

    given = {name: torch.as_tensor(batch[name]).long() for name in ("input_ids", "input_mask", "segment_ids")}
    return network(
        input_ids=given["input_ids"], attention_mask=given["input_mask"], token_type_ids=given["segment_ids"]
    ).logits


def loss_differences(work: Path, seed: int) -> list[float]:
    """By how much the losses of the two logs differ, a share for each line of them."""
    lines = map(json.loads, (work / "ours" / f"seed-{seed}" / "metrics.jsonl").read_text().splitlines())
    ours = {line["step"]: line["loss"] for line in lines if line["kind"] == "train"}
    theirs = json.loads((work / "pytorch" / f"seed-{seed}" / "losses.json").read_text())
    return [abs(ours[line["step"]] / line["loss"] - 1) for line in theirs]


if __name__ == "__main__":
    main()
