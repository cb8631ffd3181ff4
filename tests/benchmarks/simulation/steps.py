"""Stop-watches around the steps of a job that are done once, and the simulated items in the place of the real ones.

For `full_corpus_simulation.py`. Everything around the items is the product's: listing, plan, `run_once` with its files of
rows, Beam's graph and coders, packing, manifests, statistics, rejections, the end. The functions have fixed places in a
module that can be imported, because Beam pickles them by name.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.coders import FastPrimitivesCoder
from simulation import items
from simulation.items import NOW, Step

from beam_jobs.execution import launch, stats_file
from beam_jobs.jobs import corpus
from beam_jobs.jobs.instances import finish as instances_finish
from beam_jobs.jobs.instances import pipeline as instances_pipeline
from beam_jobs.jobs.instances import write_instances
from beam_jobs.jobs.segment import finish as segment_finish
from beam_jobs.jobs.segment import pipeline as segment_pipeline
from beam_jobs.jobs.segment import segment_ranges, write_shards

_CODER = FastPrimitivesCoder()
_REAL: dict[str, Callable[..., Any]] = {}


def install() -> None:
    """Replace the work of an item, and put stop-watches around the steps. There is no way back in this process."""
    segment_ranges._segment = items.segment
    write_shards._write = items.write_sentences
    write_instances._write = items.write_instances
    stats_file.require_written = shards_are_not_there
    for module, name, watched in (
        (corpus, "open_segment_job", open_segment_job),
        (corpus, "write_plan", write_plan),
        (corpus, "plan_of_corpus", plan_of_corpus),
        (launch, "run_pipeline", run_pipeline),
        (launch, "remove_work", remove_work),
        (segment_pipeline, "plan_shards_of_rows", plan_shards_of_rows),
        (segment_pipeline, "finish_sentences", finish_sentences),
        (segment_finish, "gather_rejections", gather_rejections),
        (segment_finish, "corpus_stats", sentence_stats),
        (instances_pipeline, "finish_instances", finish_instances),
        (instances_finish, "corpus_stats", instance_stats),
    ):
        _REAL[watched.__name__] = getattr(module, name)
        setattr(module, name, watched)


def shards_are_not_there(*_: Any) -> None:
    """In the place of the last look at the shards' sizes, one listing in a store: simulated items write no shards."""


def peak_mb() -> float:
    """The peak of resident memory since the last call, in MB; it counts towards the peak of the process."""
    peak = _peak_since_last()
    NOW.peak_mb = max(NOW.peak_mb, peak)
    return peak


def _peak_since_last() -> float:
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    Path("/proc/self/clear_refs").write_text("5")  # begins the peak anew
    return int(lines["VmHWM"].split()[0]) * 1024 / 1e6


def _watch(name: str, *arguments: Any, called: str = "") -> Any:
    peak_mb()
    start = time.process_time()
    result = _REAL[called or name.replace(" ", "_")](*arguments)
    step = NOW.steps.setdefault(name, Step())
    step.cpu_s += time.process_time() - start
    step.peak_mb = max(step.peak_mb, peak_mb())
    return result


def _weigh(name: str, element: Any) -> None:
    """Encode an element as Beam does. The time and the memory of this do not count."""
    peak_mb()
    start = time.process_time()
    NOW.elements[name] = max(NOW.elements.get(name, 0), len(_CODER.encode(element)))
    NOW.item_cpu_s += time.process_time() - start
    _peak_since_last()


def open_segment_job(*arguments: Any) -> Any:
    job, items = _watch("list and plan", *arguments, called="open_segment_job")
    NOW.ranges = len(items)
    return job, items


def write_plan(*arguments: Any) -> Any:
    return _watch("write the plan", *arguments, called="write_plan")


def plan_shards_of_rows(rows: Any, job: Any, duplicate_rows: Any) -> Any:
    _weigh("rows of all ranges", rows)
    shards = _watch("pack sentence shards", rows, job, duplicate_rows, called="plan_shards_of_rows")
    _weigh("plan of all sentence shards", shards)
    for shard in shards:
        _weigh("plan of one sentence shard", shard)
    NOW.blocks = sum(len(shard.blocks) for shard in shards)
    return shards


def finish_sentences(shard_rows: Any, range_rows: Any, filtered_rows: Any, job: Any, duplicate_rows: Any) -> Any:
    _weigh("rows of all sentence shards", shard_rows)
    rows = shard_rows, range_rows, filtered_rows, job, duplicate_rows
    manifest = _watch("finish sentences", *rows, called="finish_sentences")
    _weigh("manifest of sentences", manifest)
    return manifest


def gather_rejections(rows: Any, output: str) -> Any:
    return _watch("  of it: rejections", rows, output, called="gather_rejections")


def sentence_stats(*arguments: Any) -> Any:
    return _watch("  of it: statistics of sentences", *arguments, called="sentence_stats")


def plan_of_corpus(*arguments: Any) -> Any:
    return _watch("plan instance shards", *arguments, called="plan_of_corpus")


def finish_instances(rows: Any, job: Any) -> Any:
    _weigh("rows of all instance shards", rows)
    manifest = _watch("finish instances", rows, job, called="finish_instances")
    _weigh("manifest of instances", manifest)
    return manifest


def instance_stats(*arguments: Any) -> Any:
    return _watch("  of it: statistics of instances", *arguments, called="instance_stats")


def remove_work(output: str) -> Any:
    return _watch("remove the work folder", output, called="remove_work")


def run_pipeline(build: Any, options: Any, workers: int) -> None:
    pipeline = beam.Pipeline()
    build(pipeline)
    NOW.elements["the pipeline itself"] = len(pipeline.to_runner_api().SerializeToString())
    _watch("the pipeline, items included", build, options, workers, called="run_pipeline")
