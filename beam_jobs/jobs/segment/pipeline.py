"""The segment job: raw documents to sentence shards."""

import time
from collections.abc import Sequence

import apache_beam as beam

from beam_jobs.console.warnings import warn
from beam_jobs.engines.metrics import counted, of_range, of_shard
from beam_jobs.engines.preflight import check_launch
from beam_jobs.engines.shared_folder import require_shared
from beam_jobs.execution.failures import attempt, attempt_if_whole
from beam_jobs.execution.launch import Ending, close_job, prepare_job, run_with_progress, workers_for
from beam_jobs.execution.run_pipeline import pipeline_options
from beam_jobs.execution.stats_file import read_stats
from beam_jobs.faults.corpus_doubts import doubts_about_sentences
from beam_jobs.faults.language_notes import tell_of_documents, warn_of_setting
from beam_jobs.faults.language_table import tell_of_declared
from beam_jobs.faults.set_aside import print_set_aside
from beam_jobs.inputs.plan_file import PlanLine, write_plan
from beam_jobs.inputs.plan_ranges import InputItem, work_bytes
from beam_jobs.jobs.segment import segment_ranges, write_shards
from beam_jobs.jobs.segment.duplicate_rounds import rounds
from beam_jobs.jobs.segment.duplicate_rounds.rounds import FindDuplicates
from beam_jobs.jobs.segment.duplicate_rounds.statistics import duplicate_lines
from beam_jobs.jobs.segment.filters.decontaminate import tell_of_short_texts, write_held_out
from beam_jobs.jobs.segment.filters.dehyphenate import dehyphenated_lines, write_word_counts
from beam_jobs.jobs.segment.filters.furniture import furniture_lines
from beam_jobs.jobs.segment.filters.mask import masked_lines
from beam_jobs.jobs.segment.filters.quality import quality_lines
from beam_jobs.jobs.segment.filters.where import where_lines
from beam_jobs.jobs.segment.finish import closing_line, finish_sentences
from beam_jobs.jobs.segment.job import SEGMENT_STEP, SegmentJob, open_job
from beam_jobs.jobs.segment.line_rounds import rounds as line_rounds
from beam_jobs.jobs.segment.line_rounds.rounds import LeaveLinesOut
from beam_jobs.jobs.segment.line_rounds.statistics import repeated_lines_lines
from beam_jobs.jobs.segment.packed_rows import pack_row
from beam_jobs.jobs.segment.plan_shards import plan_shards_of_rows
from beam_jobs.jobs.segment.segment_ranges import segment_range
from beam_jobs.jobs.segment.write_filtered import plan_filtered, write_filtered
from beam_jobs.jobs.segment.write_shards import write_sentence_shard
from beam_jobs.records import Manifest
from beam_jobs.settings import SegmentSettings
from beam_jobs.storage.retries import retried

STEPS = [segment_ranges.STEP, *rounds.STEPS, *line_rounds.STEPS, write_shards.STEP]


def run_segment(settings: SegmentSettings, beam_arguments: Sequence[str] = ()) -> Manifest:
    """Run the job to its end and return the manifest of its output.

    Raises:
        UserError: the settings, the input or the output folder do not allow it, or too much of the input was set aside.
    """
    settings.validate()
    options = pipeline_options(beam_arguments)
    check_launch(options, settings.input, settings.output)
    job, items = open_job(settings, time.time())
    workers = workers_for(options, settings.max_num_cpus, sum(map(work_bytes, items)), len(items))
    finished = prepare_segment(job, items)
    if finished is not None:
        return finished
    lines = write_plan(items, job.output, SEGMENT_STEP)
    run_with_progress(
        lambda pipeline: pipeline | "ranges" >> beam.Create(lines) | SegmentCorpus(job),
        options,
        workers,
        {job.output: STEPS},
    )
    return close_segment(job)


class SegmentCorpus(beam.PTransform):
    """Turns the lines that `write_plan` returned into one `Manifest`. Every file of the corpus is then written."""

    def __init__(self, job: SegmentJob | beam.pvalue.AsSingleton, output: str | beam.pvalue.AsSingleton = "") -> None:
        """`job` is all that the workers need to know. In a template, it and `output` are side inputs."""
        super().__init__()
        self._job = job
        self._output = job.output if not output and not isinstance(job, beam.pvalue.AsSingleton) else output

    def expand(self, input_or_inputs: beam.PCollection[PlanLine]) -> beam.PCollection[Manifest]:
        """Rounds with one call for each item: from ranges to blocks of sentences and keys, from keys to duplicates, from
        blocks to shards.
        """
        job, output = self._job, self._output
        range_rows = (
            input_or_inputs
            | "spread ranges" >> beam.Reshuffle()
            | "find the folder" >> beam.Map(require_shared, output)
            | "segment a range" >> beam.FlatMap(attempt, segment_range, output, job)
            | "count ranges" >> beam.Map(counted, of_range)
            | "pack" >> beam.Map(pack_row)
            | "all ranges" >> beam.combiners.ToList()
        )
        duplicate_rows = range_rows | "duplicates" >> FindDuplicates(job, output)
        lost_rows = duplicate_rows | "lines" >> LeaveLinesOut(job, output, range_rows)
        shard_rows = (
            range_rows
            | "plan shards"
            >> beam.FlatMap(attempt_if_whole, plan_shards_of_rows, output, job, beam.pvalue.AsSingleton(lost_rows))
            | "one by one" >> beam.FlatMap(iter)
            | "spread shards" >> beam.Reshuffle()
            | "write a shard" >> beam.FlatMap(attempt, write_sentence_shard, output, job)
            | "count shards" >> beam.Map(counted, of_shard)
            | "all shards" >> beam.combiners.ToList()
        )
        filtered_rows = (
            range_rows
            | "plan filtered"
            >> beam.FlatMap(attempt_if_whole, plan_filtered, output, job, beam.pvalue.AsSingleton(lost_rows))
            | "group by group" >> beam.FlatMap(iter)
            | "spread filtered" >> beam.Reshuffle()
            | "write filtered" >> beam.FlatMap(attempt, write_filtered, output, job)
            | "all filtered" >> beam.combiners.ToList()
        )
        return shard_rows | "finish" >> beam.FlatMap(
            attempt_if_whole,
            finish_sentences,
            output,
            beam.pvalue.AsSingleton(range_rows),
            beam.pvalue.AsSingleton(filtered_rows),
            job,
            beam.pvalue.AsSingleton(lost_rows),
        )


def prepare_segment(job: SegmentJob, items: Sequence[InputItem]) -> Manifest | None:
    """Prepare the output folder for the plan of the input. Returns the manifest if an earlier run has finished it."""
    warn_of_setting(job.settings)
    finished = prepare_job(job, _ending(job), reusable=job.reusable)
    if finished is None and job.held_out:
        tell_of_short_texts(job.settings)
        retried(lambda: write_held_out(job.output, job.settings, job.held_out))
    if finished is None:
        retried(lambda: write_word_counts(job, items, tell=True))
    return finished


def close_segment(job: SegmentJob, timed: bool = True) -> Manifest:
    """After the pipeline: raise its errors, or show the totals and remove the work folder; see `close_job`."""
    return close_job(job, _ending(job), timed)


def _ending(job: SegmentJob) -> Ending:
    def remarks(new: bool) -> None:
        print_set_aside(job.output)
        stats = read_stats(job.output)
        for line in (
            *where_lines(stats),
            *furniture_lines(stats),
            *dehyphenated_lines(stats),
            *masked_lines(stats),
            *quality_lines(stats),
            *duplicate_lines(stats),
            *repeated_lines_lines(stats),
        ):
            print(line)
        warn(doubts_about_sentences(stats, job.settings), job.settings.silence)
        if new:
            tell_of_documents(job.output, job.settings)
            tell_of_declared(job.output, job.settings.detect_language)

    return Ending(closing_line, remarks)
