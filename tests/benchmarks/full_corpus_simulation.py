"""The corpus job of 18.4 billion words in 40.8 million documents, with only the work of the items left out.

    .venv/bin/python tests/benchmarks/full_corpus_simulation.py --text reviews.jsonl.gz --vocab_file vocab.txt

First, the costs of a range, of a sentence shard and of an instance shard are measured on a small text (`simulation/costs.py`).
Then the product's own `corpus` job runs in one process over 22,000 empty files of the right sizes, with the work of an item
replaced by rows of the form that it would return (`simulation/items.py`). Printed are: CPU seconds and memory of each step of
the driver, the sizes of what passes through Beam, whether the counts add up, and what the whole job takes.

`driver` means everything that is done once, wherever the runner does it: on a cluster, packing and finishing run in a worker.
The prices are assumptions, of the order of public list prices; give your own.
"""

import argparse
import contextlib
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "benchmarks")]

from beam_jobs.engines.lean_beam import load_beam_lean  # noqa: E402

load_beam_lean()  # as the command does, before anything imports Beam

from simulation import steps  # noqa: E402
from simulation.costs import ItemCosts  # noqa: E402
from simulation.items import HELD_OUT, NOW, REJECTED  # noqa: E402
from simulation.report import (  # noqa: E402
    BYTES,
    DOCUMENTS,
    INSTANCES,
    RANGES,
    REQUESTS_OF_A_RANGE,
    REQUESTS_OF_A_SHARD,
    Finished,
    print_costs,
    print_driver,
    print_elements,
    print_job,
)

from beam_jobs.execution.stats_file import read_stats  # noqa: E402
from beam_jobs.jobs.corpus import run_corpus  # noqa: E402
from beam_jobs.records import manifest_from_json  # noqa: E402
from beam_jobs.settings import InstanceSettings, SegmentSettings  # noqa: E402


def main() -> None:
    """Measure, simulate, and print the tables."""
    options = read_options(sys.argv[1:])
    costs, finished = run(options)
    print_costs(costs)
    print_driver(finished)
    print_elements()
    broken = broken_invariants(finished)
    print("\n" + ("\n".join(broken) or "everything that was read is accounted for: all sums agree"))
    print_job(options, costs, finished)
    sys.exit(1 if broken else 0)


def read_options(arguments: list[str]) -> argparse.Namespace:
    """The options of a command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ranges", type=int, default=RANGES, help="fewer make a part of the corpus (default: 22,000)")
    parser.add_argument("--shard_mb", type=float, default=58.5, help="58.5 makes about 2,007 shards of the whole")
    parser.add_argument("--dupe_factor", type=int, default=6)
    parser.add_argument(
        "--text", default="", help="documents to measure on, .jsonl or .jsonl.gz; else Python's reference"
    )
    parser.add_argument("--measure_mb", type=float, default=60, help="size of the measured text (default: 60)")
    parser.add_argument("--model_class", default="bert_multi_cased")
    parser.add_argument("--vocab_file", default="", help="of the model class; without it a vocabulary is learned")
    parser.add_argument("--workers", type=int, default=40, help="worker processes of the job (default: 40)")
    parser.add_argument("--requests_of_a_range", type=float, default=REQUESTS_OF_A_RANGE)
    parser.add_argument("--requests_of_a_shard", type=float, default=REQUESTS_OF_A_SHARD)
    parser.add_argument(
        "--request_s", type=float, default=0.05, help="seconds that a worker waits for one (default: 0.05)"
    )
    parser.add_argument(
        "--core_hour", type=float, default=0.07, help="price of a core-hour with its memory, in dollars"
    )
    parser.add_argument("--million_requests", type=float, default=5.0, help="price, in dollars; all count as writes")
    parser.add_argument("--gb_month", type=float, default=0.02, help="price of stored data, in dollars")
    options = parser.parse_args(arguments)
    if options.measure_mb < 3:
        parser.error("--measure_mb must be at least 3: the first MB is the warm-up")
    return options


def run(options: argparse.Namespace) -> tuple[ItemCosts, Finished]:
    """Measure the items and simulate the job, in a folder that is removed."""
    with tempfile.TemporaryDirectory() as name, contextlib.redirect_stderr(io.StringIO()):
        folder = Path(name)
        costs = measured_costs(options, folder)
        with contextlib.redirect_stdout(io.StringIO()):
            return costs, simulate(options, costs, folder)


def measured_costs(options: argparse.Namespace, folder: Path) -> ItemCosts:
    """What `simulation/costs.py` measures in a process of its own."""
    arguments = [options.text, str(options.measure_mb), str(folder), options.model_class, options.vocab_file]
    command = [sys.executable, "-m", "simulation.costs", *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path[:2])}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(done.stderr)
    return ItemCosts(**json.loads(done.stdout.splitlines()[-1]))


def simulate(options: argparse.Namespace, costs: ItemCosts, folder: Path) -> Finished:
    """Run the corpus job over files without content."""
    size = BYTES / RANGES
    raw = folder / "raw"
    chance = random.Random(42)
    input_bytes = 0
    for number in range(options.ranges):
        path = raw / f"crawl-{number % 40:02d}" / f"part-{number:06d}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        length = int(size * chance.uniform(0.8, 1.2))  # two of them are too large for one range
        os.truncate(path, length)  # takes no space on the disk
        input_bytes += length
    NOW.documents = DOCUMENTS * options.ranges // RANGES
    NOW.text_share, NOW.sentence_bytes = costs.text_share, costs.sentence_bytes
    NOW.sentence_lengths = costs.sentence_lengths
    NOW.instance_counts, NOW.bytes_per_instance = costs.instance_counts, costs.static_bytes
    NOW.instances_per_byte = INSTANCES * options.dupe_factor / (BYTES * costs.text_share)
    steps.install()
    output = folder / "corpus"
    parts = {"shard_mb": options.shard_mb, "dev_fraction": HELD_OUT}
    segment = SegmentSettings((str(raw),), f"{output}/sentences", duplicates="off", **parts)  # duplicates_simulation.py
    learned = str(folder / "vocabulary" / "custom.json")
    instances = InstanceSettings(
        (segment.output,),
        f"{output}/instances",
        model_class=options.model_class if options.vocab_file else learned,
        vocab_file=options.vocab_file,
        dupe_factor=options.dupe_factor,
        num_logged_samples=0,
    )
    before = steps.peak_mb()
    start = time.process_time()
    run_corpus(segment, instances, ["--direct_num_workers=1"])
    cpu = time.process_time() - start
    steps.peak_mb()
    manifests = [
        manifest_from_json((Path(path) / "manifest.json").read_text(), path)
        for path in (segment.output, instances.output)
    ]
    stats = [read_stats(path) for path in (segment.output, instances.output)]
    return Finished(manifests[0], stats[0], manifests[1], stats[1], input_bytes, cpu, before)


def broken_invariants(finished: Finished) -> list[str]:
    """What does not add up: documents and bytes read, kept and set aside; manifests, statistics and rows; shares."""
    sentences, instances = finished.sentence_stats, finished.instance_stats
    shares = instances["shares"]
    equal = {
        "documents read = kept + set aside": (NOW.documents, sentences["documents"] + sentences["num_rejected"]),
        "set aside = 10 of each range": (sentences["num_rejected"], REJECTED * NOW.ranges),
        "bytes of the input = bytes read": (finished.input_bytes, sentences["bytes_read"]),
        "bytes of the input = bytes of the sources": (
            finished.input_bytes,
            sum(source["bytes_in"] for source in sentences["sources"].values()),
        ),
        "documents of the sentence shards = kept": (finished.sentences.documents, sentences["documents"]),
        "documents of the instance shards = kept": (finished.instances.documents, sentences["documents"]),
        "sentences of the shards = those of the statistics": (finished.sentences.records, sentences["sentences"]),
        "bytes of the instance shards = those of the statistics": (finished.instances.bytes, instances["bytes_out"]),
        "bytes of the sentence shards = bytes of instances' input": (finished.sentences.bytes, instances["bytes_in"]),
        "instances of the shards = those of all rows": (finished.instances.records, instances["totals"]["instances"]),
        "instances of the splits = those of all rows": (
            sum(split["num_instances"] for split in instances["counts"].values()),
            instances["totals"]["instances"],
        ),
        "instances by length = all": (sum(instances["totals"]["lengths"]), instances["totals"]["instances"]),
        "shares of predictions = 1": (
            round(sum(shares[f"predictions_{kind}"] for kind in ("mask", "random", "kept")), 9),
            1,
        ),
        "a sentence shard gives an instance shard": (len(finished.sentences.shards), len(finished.instances.shards)),
    }
    return [f"{name}: {left:,} and {right:,}" for name, (left, right) in equal.items() if left != right]


if __name__ == "__main__":
    main()
