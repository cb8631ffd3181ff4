"""`beambert demo`: from raw text to a tiny model, on a small text that ships with Python."""

import argparse
import json
import sys
from pathlib import Path

from beam_jobs.console.command_parser import add_switch
from beam_jobs.console.interruption import run_command
from beam_jobs.errors import UserError
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings

DESCRIPTION = "Everything once, on a small text that ships with Python: vocabulary, sentences, instances, a tiny model."
EXAMPLES = """\
demo --output demo
"""

VOCABULARY_SIZE = 4000


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


def _train(output: Path, data: str, command: str) -> int:
    _title(
        "5. train a tiny model, export it, fill a mask",
        f"{command} trainer pretrain --plan demo --data {data} --output {output}/model",
    )
    trainer = [sys.executable, "-m", "trainer"]
    commands = (
        [*trainer, "pretrain", "--plan", "demo", "--data", data, "--output", f"{output}/model"],
        [*trainer, "export", "--run", f"{output}/model", "--output", f"{output}/exported"],
        [*trainer, "fill_mask", "--model", f"{output}/exported", "The [MASK] statement is used to define a class."],
    )
    for trainer_command in commands:
        status = run_command(trainer_command)
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
    print(f"\n== {title}" + (f"\n   $ {command}" if command else ""), flush=True)
