"""What a job would do, before it does it: the plan, an estimate from a sample of the input, and the graph of its pipeline.

Nothing is written: no output folder, nothing in a bucket. The sample is worked on in a temporary folder of this machine.
"""

import logging
import math
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from beam_jobs.engines.dataflow_request import dataflow_request
from beam_jobs.engines.graph import graph_of
from beam_jobs.engines.preflight import LOCAL_RUNNERS, check_launch, runner_name
from beam_jobs.estimates.estimate import Measured, Requests, StepEstimate, estimate_lines, scaled
from beam_jobs.estimates.prices import read_prices
from beam_jobs.execution.earlier_outputs import earlier_output
from beam_jobs.execution.run_pipeline import pipeline_options
from beam_jobs.inputs.find_sentences import find_sentences
from beam_jobs.inputs.plan_ranges import InputItem
from beam_jobs.jobs.corpus import corpus_graph, require_pairs
from beam_jobs.jobs.instances.job import open_job as open_instance_job
from beam_jobs.jobs.instances.pipeline import WriteInstances
from beam_jobs.jobs.instances.plan_instances import plan_instances
from beam_jobs.jobs.measure import measure_instances, measure_segment, measure_vocabulary, sample_sentences
from beam_jobs.jobs.segment.job import open_job as open_segment_job
from beam_jobs.jobs.segment.pipeline import SegmentCorpus
from beam_jobs.jobs.vocabulary.job import open_vocabulary_job
from beam_jobs.jobs.vocabulary.pipeline import LearnVocabulary
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings

_A_RANGE = Requests(reads=4, writes=4)
_A_SENTENCE_SHARD = Requests(reads=2, writes=3)
_BLOCKS = 25  # of a sentence shard, each read by one request
_AN_INSTANCE_SHARD = Requests(reads=5, writes=3)


@dataclass(frozen=True)
class Preview:
    """What the user wants to see before a launch.

    `dry_run` shows everything and ends there. Otherwise plan and estimate are shown before a job goes to a remote engine,
    unless `estimate` is False. `prices` is a file of prices, `none`, or empty for those of the package.
    """

    dry_run: bool = False
    estimate: bool = True
    prices: str = ""


@dataclass(frozen=True)
class _Plan:
    outputs: tuple[str, ...]
    line: str
    steps: Callable[[Path], list[StepEstimate]]
    build: Callable[[beam.Pipeline], object]


def preview_segment(settings: SegmentSettings, arguments: Sequence[str], preview: Preview) -> bool:
    """Show what the segment job would do. Returns whether that is all that is wanted.

    Raises:
        UserError: what the job itself would raise before it begins; or the sample cannot be read.
    """

    def plan() -> _Plan:
        job, items = open_segment_job(settings, time.time())
        line = f"{_ranges(items)}; sentence shards of {settings.shard_mb:g} MB"
        places = [(item.index, 0, 0) for item in items]
        return _Plan(
            (job.output,),
            line,
            lambda folder: _of_segment(settings, items, *measure_segment(items, job, folder)[:2]),
            lambda pipeline: pipeline | "ranges" >> beam.Create(places) | "segment" >> SegmentCorpus(job),
        )

    return _show("segment", settings, arguments, preview, plan)


def preview_instances(settings: InstanceSettings, arguments: Sequence[str], preview: Preview) -> bool:
    """As `preview_segment`, for the instances job."""

    def plan() -> _Plan:
        files, input_hash = find_sentences(settings.input, settings.output)
        items = plan_instances(files, int(settings.shard_mb * 1e6), settings.gzipped)
        job, vocabulary = open_instance_job(settings, input_hash, 0, time.time())
        size = sum(item.size for item in items)

        def steps(folder: Path) -> list[StepEstimate]:
            measured = measure_instances(
                sample_sentences(items, str(folder / "heads")), job, vocabulary, folder / "made"
            )
            return [scaled(measured, size, len(items), _AN_INSTANCE_SHARD)]

        return _Plan(
            (job.output,),
            f"{len(items):,} instance shards from {_size(size)} of sentences in {len(files):,} files",
            steps,
            lambda pipeline: pipeline | "instance shards" >> beam.Create(items) | "instances" >> WriteInstances(job),
        )

    return _show("instances", settings, arguments, preview, plan)


def preview_corpus(
    sentences: SegmentSettings, instances: InstanceSettings, arguments: Sequence[str], preview: Preview
) -> bool:
    """As `preview_segment`, for both jobs in one launch."""

    def plan() -> _Plan:
        require_pairs(sentences, instances)
        segment_job, items = open_segment_job(sentences, time.time())
        instance_job, vocabulary = open_instance_job(instances, segment_job.hash, 0, segment_job.started)

        def steps(folder: Path) -> list[StepEstimate]:
            ranges, shards, parts = measure_segment(items, segment_job, folder)
            of_segment = _of_segment(sentences, items, ranges, shards)
            measured = measure_instances(parts, instance_job, vocabulary, folder / "made")
            text, count = of_segment[-1].bytes_out, of_segment[-1].items
            return [*of_segment, scaled(measured, text, count, _AN_INSTANCE_SHARD)]

        places = [(item.index, 0, 0) for item in items]
        line = f"{_ranges(items)}; sentence shards of {sentences.shard_mb:g} MB, and an instance shard of each"
        outputs = (segment_job.output, instance_job.output)
        return _Plan(
            outputs, line, steps, lambda pipeline: corpus_graph(pipeline, segment_job, instance_job, places, None)
        )

    return _show("corpus", sentences, arguments, preview, plan)


def preview_vocabulary(settings: VocabularySettings, arguments: Sequence[str], preview: Preview) -> bool:
    """As `preview_segment`, for the vocabulary job."""

    def plan() -> _Plan:
        job, items = open_vocabulary_job(settings, time.time())
        size = sum(item.size for item in items)

        def steps(folder: Path) -> list[StepEstimate]:
            return [scaled(measure_vocabulary(items, job, folder), size, len(items), _A_RANGE)]

        places = [(item.index, 0, 0) for item in items]
        return _Plan(
            (job.output,),
            f"{_ranges(items)}; a vocabulary of {settings.vocab_size:,} pieces",
            steps,
            lambda pipeline: pipeline | "ranges" >> beam.Create(places) | "vocabulary" >> LearnVocabulary(job),
        )

    return _show("vocabulary", settings, arguments, preview, plan)


def _show(
    name: str,
    settings: SegmentSettings | InstanceSettings | VocabularySettings,
    arguments: Sequence[str],
    preview: Preview,
    plan_of: Callable[[], _Plan],
) -> bool:
    options = pipeline_options(arguments)
    runner = runner_name(options)
    if not preview.dry_run and (runner in LOCAL_RUNNERS or not preview.estimate):
        return False
    settings.validate()
    check_launch(options, settings.input, settings.output, writes=False)
    prices = read_prices(preview.prices)
    with _silent(not preview.dry_run):
        plan = plan_of()
    if preview.dry_run:
        print(f"dry run of {name} on {runner or 'this machine'}: nothing is written and nothing is submitted")
        for output in plan.outputs:
            print(f"output     {output}{_state(output)}")
    print(f"plan       {plan.line}")
    if preview.estimate:
        with tempfile.TemporaryDirectory(prefix="beambert-sample-") as folder:
            steps = plan.steps(Path(folder))
        for line in estimate_lines(steps, prices, date.today(), runner == "DataflowRunner"):
            print(line)
    if preview.dry_run:
        _show_graph(plan.build, options)
    return preview.dry_run


def _show_graph(build: Callable[[beam.Pipeline], object], options: PipelineOptions) -> None:
    if runner_name(options) == "DataflowRunner":
        print(dataflow_request(build, options).line())
    for line in graph_of(build).lines():
        print(line)


def _of_segment(
    settings: SegmentSettings, items: Sequence[InputItem], ranges: Measured, shards: Measured
) -> list[StepEstimate]:
    of_ranges = scaled(ranges, sum(item.size for item in items), len(items), _A_RANGE)
    count = max(1, math.ceil(of_ranges.bytes_out / (settings.shard_mb * 1e6)))
    an_item = Requests(_A_SENTENCE_SHARD.reads + _BLOCKS, _A_SENTENCE_SHARD.writes)
    return [of_ranges, scaled(shards, of_ranges.bytes_out, count, an_item)]


def _state(output: str) -> str:
    there = earlier_output(output)
    if there is None:
        return ""
    return f" (holds {there.kind}, {'finished' if there.finished else 'unfinished'})"


def _ranges(items: Sequence[InputItem]) -> str:
    files = len({piece.uri for item in items for piece in item.pieces})
    return f"{len(items):,} ranges of {_size(sum(item.size for item in items))} in {files:,} files"


def _size(size: float) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"


@contextmanager
def _silent(silent: bool) -> Iterator[None]:
    """Without the warnings about the input, which the job itself will give."""
    log = logging.getLogger("beam_jobs")
    level = log.level
    log.setLevel(logging.ERROR if silent else level)
    try:
        yield
    finally:
        log.setLevel(level)
