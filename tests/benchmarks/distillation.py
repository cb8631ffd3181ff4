"""What distillation is worth: students of half the layers beside each other on held-out text, in equal steps.

With `--teacher`, a run of `pretrain`, three students are trained in equal steps on the same instances with the same masks: by
distillation from the teacher's layers, by distillation from random weights, and by masked LM alone from random weights. With
`--finetune` and `--dev`, each of them and the teacher then learn to classify labelled texts, with five seeds. With `--encoder`,
a sentence encoder that is a folder of Hugging Face teaches half of its layers by hidden states alone, on one text a line; the
student's mean vectors of held-out texts are compared with the teacher's.

    nice -n 10 .venv/bin/python tests/benchmarks/distillation.py --teacher run --data corpus/instances --work work
    nice -n 10 .venv/bin/python tests/benchmarks/distillation.py --teacher run --data corpus/instances --work work \\
        --finetune train.jsonl --dev dev.jsonl
    nice -n 10 .venv/bin/python tests/benchmarks/distillation.py --encoder all-minilm-l6-v2 --texts texts.txt --work work
"""

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

PLAN = """
name = "{name}"
log_every = 50

[model]
compute_dtype = "float32"

[model.config]
hidden_dropout_prob = 0.0
attention_probs_dropout_prob = 0.0
{network}
{distillation}
[optimizer]
name = "adamw"
weight_decay = 0.0
beta_2 = 0.98

[[phase]]
name = "phase"
sequence_length = {length}
batch = {batch}
steps = {steps}
next_sentence_weight = 0.0
learning_rate = {{ peak = {rate}, warmup_steps = {warmup}, decay = "linear", end = 0.0 }}
masking = {{ kind = "wordpiece" }}
evaluation = {{ every = {every}, batches = 20 }}
"""
HELD_OUT = 400  # texts of --texts
RATES, SEEDS = (3e-4, 1e-3), 5  # of fine-tuning; of each start the better rate counts


def main() -> None:
    """Read the command line, and distil what it names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teacher", help="the output of pretrain")
    parser.add_argument("--data", help="the instances that it was pretrained on")
    parser.add_argument("--steps", type=int, default=300, help="of each student of --teacher")
    parser.add_argument("--finetune", help="labelled texts that the students of --teacher then learn to classify")
    parser.add_argument("--dev", help="labelled texts on which they are scored")
    parser.add_argument("--encoder", help="a sentence encoder in a folder")
    parser.add_argument("--texts", help="a text file to distil the encoder on; its last 400 lines are held out")
    parser.add_argument("--work", required=True, help="folder for all files; what is finished there is not made again")
    arguments = parser.parse_args()
    work = Path(arguments.work).resolve()
    work.mkdir(parents=True, exist_ok=True)
    if arguments.teacher:
        of_our_own(arguments, work)
    if arguments.encoder:
        of_an_encoder(arguments, work)


def of_our_own(arguments: argparse.Namespace, work: Path) -> None:
    """Distil a teacher of ours, and print the table."""
    network = json.loads((Path(arguments.teacher) / "plan.json").read_text(encoding="utf-8"))["identity"]["run"][
        "config"
    ]
    layers, keys = network["num_hidden_layers"], ("hidden_size", "num_attention_heads", "intermediate_size")
    half = {key: network[key] for key in (*keys, "max_position_embeddings")} | {"num_hidden_layers": layers // 2}
    shape = "".join(f"{key} = {value}\n" for key, value in half.items())
    values = {"length": 64, "batch": 64, "steps": arguments.steps, "rate": 2e-3, "every": arguments.steps // 3}
    student = write_plan(work, "student", "", "[distillation]\n", values)
    alone = write_plan(work, "alone", shape, "", values)
    data = ("--data", arguments.data, "--output")
    taught = ("distill", "--teacher", arguments.teacher, "--plan", student, *data)
    seconds = {
        "distilled": trainer(*taught, work / "distilled"),
        "distilled, random": trainer(*taught, work / "distilled_random", "--random_start"),
        "masked LM alone": trainer("pretrain", "--plan", alone, *data, work / "masked_lm_alone"),
    }
    runs = dict(zip(seconds, ("distilled", "distilled_random", "masked_lm_alone"), strict=True))
    every = evaluations(work / "distilled")
    own = every[-1]
    print(f"teacher: {layers} layers, loss {own['teacher_mlm_loss']:.3f}, accuracy {own['teacher_mlm_accuracy']:.3f}")
    steps_of = "".join(f"{'loss at ' + str(record['step']):>14}" for record in every)
    print(f"{'student':20}{'CPU s':>8}{steps_of}{'accuracy':>10}")
    for name, spent in seconds.items():
        found = evaluations(work / runs[name])
        losses = "".join(f"{record['mlm_loss']:14.3f}" for record in found)
        print(f"{name:20}{spent:8.0f}{losses}{found[-1]['mlm_accuracy']:10.3f}", flush=True)
    if arguments.finetune:
        print(f"{'fine-tuned':20}{'rate':>8}{'macro F1':>10}{'deviation':>10}{'worst':>8}")
        models = {"teacher": Path(arguments.teacher), **{name: work / run for name, run in runs.items()}}
        for name, model in models.items():
            rate, dev = fine_tuned(model, arguments.finetune, arguments.dev, work / f"tuned_{model.name}")
            print(f"{name:20}{rate:>8}{dev['mean']:10.4f}{dev['deviation']:10.4f}{dev['worst']:8.4f}", flush=True)


def fine_tuned(model: Path, train: str, dev: str, output: Path) -> tuple[str, dict[str, float]]:
    """The better of the rates, and its scores over the seeds: mean, deviation and worst."""
    command = ("finetune", "--task", "classify", "--model", model, "--train", train, "--dev", dev, "--output", output)
    trainer(*command, "--seeds", SEEDS, "--learning_rate", *RATES, "--max_seq_length", 64)
    summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    return summary["best"], summary["by_learning_rate"][summary["best"]]["dev"]


def of_an_encoder(arguments: argparse.Namespace, work: Path) -> None:
    """Distil an encoder by hidden states alone, and print how near its student comes."""
    lines = Path(arguments.texts).read_text(encoding="utf-8").splitlines()
    train, held_out = work / "train.txt", work / "held_out.txt"
    train.write_text("\n".join(lines[:-HELD_OUT]) + "\n", encoding="utf-8")
    held_out.write_text("\n".join(lines[-HELD_OUT:]) + "\n", encoding="utf-8")
    values = {"length": 128, "batch": 32, "steps": 100, "rate": 5e-4, "every": 0}
    file = write_plan(work, "encoder", "", "[distillation]\n", values)
    command = ("distill", "--teacher", arguments.encoder, "--data", train, "--dev", held_out, "--plan", file)
    teacher = vectors(arguments.encoder, held_out, work / "teacher.npy")
    print(f"{'student':10}{'CPU s':>8}{'cosine':>10}{'centred':>10}{'before':>10}{'centred':>10}")
    for name, options in (("layers", ()), ("random", ("--random_start",))):
        output = work / f"encoder_{name}"
        common = (*command, "--output", output, "--hidden_states_only", *options)
        trainer(*common, "--max_steps", 1)
        before = cosines(teacher, exported(output, 0, held_out, work))
        spent = trainer(*common)
        after = cosines(teacher, exported(output, 100, held_out, work))
        print(f"{name:10}{spent:8.0f}{after[0]:10.3f}{after[1]:10.3f}{before[0]:10.3f}{before[1]:10.3f}")


def exported(run: Path, step: int, texts: Path, work: Path) -> np.ndarray:
    """The mean vectors of the student after some steps."""
    folder = work / f"{run.name}_{step}"
    if not folder.exists():
        trainer("export", "--run", run, "--step", step, "--output", folder)
    return vectors(folder, texts, work / f"{folder.name}.npy")


def vectors(model: Path | str, texts: Path, file: Path) -> np.ndarray:
    """The mean vectors of texts, float32 [texts, width]."""
    options = ("--pooling", "mean", "--no-normalize", "--max_seq_length", 128)
    trainer("embed", "--model", model, "--input", texts, "--output", file, *options)
    return np.load(file)


def cosines(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """The mean cosine of the vectors of the same texts, as they are and after subtracting each side's mean vector."""

    def mean_cosine(a: np.ndarray, b: np.ndarray) -> float:
        return float(((a * b).sum(1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))).mean())

    return mean_cosine(first, second), mean_cosine(first - first.mean(0), second - second.mean(0))


def write_plan(work: Path, name: str, network: str, distillation: str, values: dict[str, Any]) -> Path:
    """Write a plan; its file. The warm-up is a tenth of its steps."""
    file, warmup = work / f"{name}.toml", values["steps"] // 10
    text = PLAN.format(name=name, network=network, distillation=distillation, warmup=warmup, **values)
    file.write_text(text, encoding="utf-8")
    return file


def evaluations(run: Path) -> list[dict[str, float]]:
    """The evaluations of a run."""
    records = map(json.loads, (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines())
    return [record for record in records if record["kind"] == "evaluation"]


def trainer(*command: object) -> float:
    """Run a command of the trainer; its seconds of processor time, of all its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [sys.executable, "-m", "trainer", *map(str, command)]
    done = subprocess.run(words, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)}: {done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
