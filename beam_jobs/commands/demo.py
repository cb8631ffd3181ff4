"""`beambert demo`: from raw text to a tiny model and a task, on small texts that ship with Python."""

import argparse
import ast
import json
import shlex
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from beam_jobs.console.command_parser import add_switch
from beam_jobs.console.interruption import run_command
from beam_jobs.console.our_module import module_command
from beam_jobs.errors import UserError
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings

DESCRIPTION = (
    "Everything once, on small texts that ship with Python: vocabulary, sentences, instances, a tiny model, a task."
)
EXAMPLES = """\
demo --output demo
"""

VOCABULARY_SIZE = 4000
PACKAGES = ("asyncio", "email", "http", "logging", "multiprocessing", "unittest", "urllib", "xml")
"""The labels of the task: from which package of the standard library is a docstring?"""

# More than the defaults, for a model as small as this.
_FINETUNING = ("--learning_rate", "1e-3", "--epochs", "5", "--metric", "accuracy")
_DEV_EVERY = 5  # each fifth docstring of a package is held out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the output folder, and whether to train."""
    parser.add_argument("--output", default="demo", metavar="DIR", help="folder to write to (default: demo)")
    add_switch(parser, "training", "stop after the corpus", default=True)


def run(options: argparse.Namespace) -> int:
    """Run the demo, and print what to run next."""
    if "\0" in options.output:
        raise UserError("--output holds a zero byte")
    from beam_jobs.inspection.report import Inspection, report
    from beam_jobs.jobs.instances.pipeline import run_instances
    from beam_jobs.jobs.segment.pipeline import run_segment
    from beam_jobs.jobs.vocabulary.pipeline import run_vocabulary

    command, output = options.program, Path(options.output)
    raw = write_raw_text(output / "raw")

    _title(
        "1. learn a vocabulary",
        f"{command} vocabulary --input {raw} --output {output}/vocab --vocab_size {VOCABULARY_SIZE}",
    )
    run_vocabulary(VocabularySettings((str(raw),), f"{output}/vocab", vocab_size=VOCABULARY_SIZE, name="demo"))

    sentences = SegmentSettings((str(raw),), f"{output}/sentences", language="en", dev_fraction=0.05)
    _title(
        "2. cut documents into sentence shards",
        f"{command} segment --input {raw} --output {output}/sentences --language en --dev_fraction 0.05",
    )
    run_segment(sentences)

    model_class = f"{output}/vocab/demo.json"
    instances = InstanceSettings(
        (sentences.output,), f"{output}/instances", model_class=model_class, dupe_factor=5, num_logged_samples=3
    )
    _title(
        "3. make pretraining instances",
        f"{command} instances --input {sentences.output} --output {instances.output} --model_class {model_class} --dupe_factor 5",
    )
    run_instances(instances)

    _title("4. look at them", f"{command} inspect {instances.output} --num 3 --html {output}/instances.html")
    status = report(Inspection((instances.output,), html=f"{output}/instances.html"))
    if options.training and status == 0:
        status = _train(output, instances.output, command)
    if status == 0:
        _say_what_next(output, command)
    return status


def write_raw_text(folder: Path) -> Path:
    """Write the Python language reference as JSON lines: a topic is a document, and wrapped paragraphs are joined."""
    from pydoc_data.topics import topics

    from beam_jobs import storage

    path = folder / "python_reference.jsonl"
    lines = []
    for name, text in sorted(topics.items()):
        paragraphs = [" ".join(block.split()) for block in text.split("\n\n") if block.strip()]
        lines.append(json.dumps({"id": name, "text": "\n".join(paragraphs)}, ensure_ascii=False) + "\n")
    storage.write_atomically(str(path), "".join(lines).encode())
    return path


def write_labelled_docstrings(folder: Path) -> tuple[Path, Path]:
    """Write train.jsonl and dev.jsonl: a docstring of the standard library as text, its package as label."""
    from beam_jobs import storage

    parts: tuple[list[str], list[str]] = ([], [])
    for package in PACKAGES:
        for number, text in enumerate(dict.fromkeys(_docstrings(package))):
            row = json.dumps({"text": text, "label": package}, ensure_ascii=False) + "\n"
            parts[number % _DEV_EVERY == 0].append(row)
    paths = folder / "train.jsonl", folder / "dev.jsonl"
    for path, rows in zip(paths, parts, strict=True):
        storage.write_atomically(str(path), "".join(rows).encode())
    return paths


def _docstrings(package: str) -> Iterator[str]:
    for path in sorted((Path(sysconfig.get_path("stdlib")) / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                text = " ".join((ast.get_docstring(node) or "").split())
                if text.count(" ") >= 2:
                    yield text


def _train(output: Path, data: str, command: str) -> int:
    train, dev = write_labelled_docstrings(output / "docstrings")
    steps = (
        ("5. train a tiny model", ["pretrain", "--plan", "demo", "--data", data, "--output", f"{output}/model"]),
        ("6. export it, and fill a gap", ["export", "--run", f"{output}/model", "--output", f"{output}/exported"]),
        ("", ["fill_mask", "--model", f"{output}/exported", "The [MASK] statement is used to define a class."]),
        (
            "7. learn a task: which package is a docstring from?",
            [
                *("finetune", "--task", "classify", "--model", f"{output}/model"),
                *("--train", str(train), "--dev", str(dev), "--output", f"{output}/packages", *_FINETUNING),
            ],
        ),
    )
    for title, words in steps:
        _title(title, f"{command} trainer {shlex.join(words)}")
        status = run_command([*module_command("trainer"), *words])
        if status:
            return status
    return 0


def _say_what_next(output: Path, command: str) -> None:
    from beam_jobs.records import SAMPLES_TEXT_NAME

    _title("done", "")
    print(
        f"  {output}/instances/{SAMPLES_TEXT_NAME}   sample instances\n"
        f"  {output}/instances/corpus_stats.json     what the corpus holds\n"
        f"  {output}/instances.html                  the same to look at in a browser\n\n"
        "Now your own text:\n"
        f"  {command} vocabulary --input 'my/*.jsonl.gz' --output my_vocab\n"
        f"  {command} corpus --input 'my/*.jsonl.gz' --output my_corpus --model_class my_vocab/custom.json --dupe_factor 5\n"
        f"  {command} help"
    )


def _title(title: str, command: str) -> None:
    print(*([f"\n== {title}"] if title else []), *([f"   $ {command}"] if command else []), sep="\n", flush=True)
