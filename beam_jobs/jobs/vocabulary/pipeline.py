"""The vocabulary job: text to a WordPiece vocabulary and its model class."""

import time
from collections.abc import Sequence

import apache_beam as beam

from beam_jobs import storage
from beam_jobs.engines.metrics import counted, of_word_counts
from beam_jobs.engines.preflight import check_launch
from beam_jobs.engines.shared_folder import require_shared
from beam_jobs.execution.failures import attempt, attempt_if_whole
from beam_jobs.execution.launch import Ending, close_job, prepare_job, run_with_progress, workers_for
from beam_jobs.execution.run_once import ItemRow
from beam_jobs.execution.run_pipeline import pipeline_options
from beam_jobs.execution.stats_file import read_stats
from beam_jobs.faults.set_aside import print_set_aside
from beam_jobs.inputs.plan_file import PlanLine, write_plan
from beam_jobs.inputs.plan_ranges import work_bytes
from beam_jobs.inspection.tell_doubts import warn_of_vocabulary
from beam_jobs.jobs.vocabulary.add_counts import PartitionCounts, add_counts
from beam_jobs.jobs.vocabulary.count_words import count_words
from beam_jobs.jobs.vocabulary.counts_file import PARTITIONS, STEP
from beam_jobs.jobs.vocabulary.finish import closing_line, finish_vocabulary
from beam_jobs.jobs.vocabulary.job import VocabularyJob, open_vocabulary_job
from beam_jobs.records import Manifest
from beam_jobs.settings import VocabularySettings


def run_vocabulary(settings: VocabularySettings, beam_arguments: Sequence[str] = ()) -> Manifest:
    """Run the job to its end and return the manifest of its output, whose entry `vocabulary` names the files.

    Raises:
        UserError: the settings, the input or the output folder do not allow it, or the input holds no words.
    """
    settings.validate()
    options = pipeline_options(beam_arguments)
    check_launch(options, settings.input, settings.output)
    job, items = open_vocabulary_job(settings, time.time())
    workers = workers_for(options, settings.max_num_cpus, sum(map(work_bytes, items)), len(items))
    finished = prepare_vocabulary(job)
    if finished is not None:
        return finished
    lines = write_plan(items, job.output, STEP)
    run_with_progress(
        lambda pipeline: pipeline | "ranges" >> beam.Create(lines) | LearnVocabulary(job),
        options,
        workers,
        {job.output: [STEP]},
    )
    return close_job(job, _ending(job))


class LearnVocabulary(beam.PTransform):
    """Turns the lines that `write_plan` returned into one `Manifest`. The vocabulary is then written."""

    def __init__(
        self, job: VocabularyJob | beam.pvalue.AsSingleton, output: str | beam.pvalue.AsSingleton = ""
    ) -> None:
        """`job` is all that the workers need to know. In a template, it and `output` are side inputs."""
        super().__init__()
        self._job = job
        self._output = job.output if not output and not isinstance(job, beam.pvalue.AsSingleton) else output

    def expand(self, input_or_inputs: beam.PCollection[PlanLine]) -> beam.PCollection[Manifest]:
        """Counts the words of each item, and adds the counts up in partitions of the words.

        The counts are in files. The elements are rows that name these, and at the end the words for the learner.
        """
        job, output = self._job, self._output
        rows = (
            input_or_inputs
            | "spread" >> beam.Reshuffle()
            | "find the folder" >> beam.Map(require_shared, output)
            | "count words" >> beam.FlatMap(attempt, count_words, output, job)
            | "count ranges" >> beam.Map(counted, of_word_counts)
        )
        all_rows = rows | "all rows" >> beam.combiners.ToList()
        partitions = (
            input_or_inputs.pipeline
            | "partitions" >> beam.Create(range(PARTITIONS))
            | "spread partitions" >> beam.Reshuffle()
            | "add up" >> beam.FlatMap(_add_up, output, beam.pvalue.AsSingleton(all_rows), job)
            | "all counts" >> beam.combiners.ToList()
        )
        return partitions | "learn" >> beam.FlatMap(
            attempt_if_whole, finish_vocabulary, output, beam.pvalue.AsSingleton(all_rows), job
        )


def _add_up(
    partition: int, output: str, rows: list[ItemRow | None], job: VocabularyJob
) -> Sequence[PartitionCounts | None]:
    """The counts of a partition; or None, which the next step notices, if they or an item before failed."""
    return attempt_if_whole(partition, add_counts, output, rows, job) or [None]


def prepare_vocabulary(job: VocabularyJob) -> Manifest | None:
    """Prepare the output folder. Returns the manifest if an earlier run has finished it."""
    return prepare_job(job, _ending(job), reusable=(STEP, job.counts_hash))


def _ending(job: VocabularyJob) -> Ending:
    def line(_: Manifest, seconds: float | None) -> str:
        return closing_line(read_stats(job.output), seconds)

    def remarks(new: bool) -> None:
        print_set_aside(job.output)
        if new:
            print(f"use it: --model_class {storage.join(job.settings.output, job.model_class_name)}")
        warn_of_vocabulary(job.output, job.settings)

    return Ending(line, remarks)
