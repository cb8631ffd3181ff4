"""What one range, one sentence shard and one instance shard cost: measured by the functions that workers call.

For `full_corpus_simulation.py`, which starts this module as a process of its own, so that its memory does not count there.
Everything runs in one process, after a warm-up; CPU seconds are user and system time. The last line printed is JSON.
"""

import dataclasses
import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from soaking.growing_text import read_texts, write_text

from beam_jobs import storage
from beam_jobs.inputs.find_sentences import SentenceFile
from beam_jobs.inputs.plan_file import write_plan
from beam_jobs.jobs.instances.job import open_job as open_instances
from beam_jobs.jobs.instances.plan_instances import plan_instances
from beam_jobs.jobs.instances.write_instances import write_instance_shard
from beam_jobs.jobs.segment.job import SEGMENT_STEP, open_job
from beam_jobs.jobs.segment.plan_shards import plan_shards_of_rows
from beam_jobs.jobs.segment.segment_ranges import segment_range
from beam_jobs.jobs.segment.write_shards import write_sentence_shard
from beam_jobs.jobs.vocabulary.pipeline import run_vocabulary
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings

COPIES = 4  # of the measured static instances, beside one copy: the difference is the price of an instance
_WARM_UP_BYTES = 1_000_000
T = TypeVar("T")


@dataclass(frozen=True)
class ItemCosts:
    """Costs in CPU seconds, and what a worker's rows look like."""

    segment_s_per_mb: float  # of stored input
    copy_s_per_mb: float  # of sentences
    text_s_per_mb: float  # of sentences: read and tokenize them, for however many copies
    static_s_per_million: float  # instances
    dynamic_s_per_million: float
    static_bytes: float  # of a gzipped record
    dynamic_bytes: float
    start_s: float  # of a worker process
    text_share: float  # bytes of sentences for each byte of input
    sentence_bytes: float
    sentence_lengths: list[int]  # as in a range's counts
    instance_counts: dict[str, Any]  # as in the row of an instance shard


def measure(raw: Path, folder: Path, model_class: str, vocab_file: str) -> ItemCosts:
    """Measure on the files in `raw`, with files below `folder`. With no `vocab_file`, one is learned from the text."""
    if not vocab_file:
        run_vocabulary(VocabularySettings((str(raw),), f"{folder}/vocabulary", vocab_size=8000, max_num_cpus=1))
        model_class = f"{folder}/vocabulary/custom.json"
    job, items = open_job(SegmentSettings((str(raw),), f"{folder}/sentences", dev_fraction=0.01), time.time())
    storage.make_folder(job.output)
    lines = write_plan(items, job.output, SEGMENT_STEP)
    first = segment_range(lines[0], job)  # the warm-up
    rest, segment_s = _timed(lambda: [segment_range(line, job) for line in lines[1:]])
    rows = [first, *rest]
    shards = plan_shards_of_rows(rows, job)
    shard_rows, copy_s = _timed(lambda: [write_sentence_shard(shard, job) for shard in shards])
    largest = max(shard_rows, key=lambda row: row["bytes"])
    text = largest["bytes"] / 1e6
    sentences = (storage.join(job.output, largest["name"]), largest["bytes"])
    settings = InstanceSettings(("unused",), "unused", model_class=model_class, vocab_file=vocab_file)
    head = folder / "head.txt"
    head.write_bytes(Path(sentences[0]).read_bytes()[:_WARM_UP_BYTES])
    for masking in ("whole_word", "dynamic"):  # compiles or loads the kernels
        _instances(f"{folder}/warm-{masking}", settings, masking, 2, str(head), head.stat().st_size)
    once, once_s = _instances(f"{folder}/once", settings, "whole_word", 1, *sentences)
    many, many_s = _instances(f"{folder}/many", settings, "whole_word", COPIES, *sentences)
    dynamic, dynamic_s = _instances(f"{folder}/dynamic", settings, "dynamic", 1, *sentences)
    small, _ = _instances(f"{folder}/small", settings, "whole_word", 1, str(head), head.stat().st_size)
    static_s = (many_s - once_s) / (many["records"] - once["records"])
    text_s = max(once_s - static_s * once["records"], 0.0)
    lengths = [row["counts"]["sentence_length_log2"] for row in rows]
    return ItemCosts(
        segment_s_per_mb=segment_s / sum(item.size for item in items[1:]) * 1e6,
        copy_s_per_mb=copy_s / sum(row["bytes"] for row in shard_rows) * 1e6,
        text_s_per_mb=text_s / text,
        static_s_per_million=static_s * 1e6,
        dynamic_s_per_million=max(dynamic_s - text_s, 0.0) / dynamic["records"] * 1e6,
        static_bytes=many["bytes"] / many["records"],
        dynamic_bytes=dynamic["bytes"] / dynamic["records"],
        start_s=_start(),
        text_share=sum(row["bytes"] for row in shard_rows) / sum(item.size for item in items),
        sentence_bytes=sum(row["bytes"] for row in shard_rows) / sum(row["records"] for row in shard_rows),
        sentence_lengths=max(lengths, key=len),
        instance_counts=json.loads(json.dumps(small["counts"])),
    )


def _instances(
    output: str, settings: InstanceSettings, masking: str, copies: int, path: str, size: int
) -> tuple[dict[str, Any], float]:
    """The row of one instance shard, and its CPU seconds."""
    chosen = dataclasses.replace(settings, output=output, masking=masking, dupe_factor=copies)
    job, vocabulary = open_instances(chosen, "measured", 1, time.time())
    storage.write_atomically(job.vocabulary_path, vocabulary)
    items = plan_instances([SentenceFile(path, "sentences.txt", size, "default")], math.ceil(size * 2), chosen.gzipped)
    return _timed(lambda: write_instance_shard(items[0], job))


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    start = time.process_time()
    result = work()
    return result, time.process_time() - start


def _start() -> float:
    """The CPU seconds until a worker process has loaded what it runs."""
    start = _children()
    lean = "from beam_jobs.engines.lean_beam import load_beam_lean; load_beam_lean()"
    modules = "apache_beam.runners.worker.sdk_worker_main, beam_jobs.jobs.corpus"
    subprocess.run([sys.executable, "-c", f"{lean}; import {modules}"], check=True)
    return _children() - start


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    text, megabytes, work_folder, name, vocabulary_file = sys.argv[1:]
    raw_folder = Path(work_folder) / "measured"
    write_text(raw_folder, int(float(megabytes) * 1e6), read_texts(text))
    print(json.dumps(asdict(measure(raw_folder, Path(work_folder), name, vocabulary_file))))
