"""The embed job: raw documents to shards of vectors, as `trainer embed` computes them."""

import time
from collections.abc import Sequence

import apache_beam as beam

from beam_jobs.engines.metrics import counted, of_vectors
from beam_jobs.engines.preflight import check_launch
from beam_jobs.engines.shared_folder import require_shared
from beam_jobs.execution.failures import attempt, attempt_if_whole
from beam_jobs.execution.launch import Ending, close_job, prepare_job, run_with_progress, workers_for
from beam_jobs.execution.run_pipeline import pipeline_options
from beam_jobs.execution.stats_file import read_stats
from beam_jobs.faults.set_aside import print_set_aside
from beam_jobs.inputs.plan_file import PlanLine, write_plan
from beam_jobs.inputs.plan_ranges import work_bytes
from beam_jobs.jobs.embed.embed_range import STEP, embed_range
from beam_jobs.jobs.embed.finish import closing_line, finish_vectors
from beam_jobs.jobs.embed.job import EmbedJob, open_job
from beam_jobs.records import Manifest
from beam_jobs.settings import EmbedSettings


def run_embed(settings: EmbedSettings, beam_arguments: Sequence[str] = ()) -> Manifest:
    """Run the job to its end and return the manifest of its output.

    Raises:
        UserError: the settings, the input, the model or the output folder do not allow it, or too much was set aside.
    """
    settings.validate()
    options = pipeline_options(beam_arguments)
    check_launch(options, settings.input, settings.output)
    job, items = open_job(settings, time.time())
    workers = workers_for(options, settings.max_num_cpus, sum(map(work_bytes, items)), len(items))
    ending = _ending(job)
    finished = prepare_job(job, ending)
    if finished is not None:
        return finished
    lines = write_plan(items, job.output, STEP)
    run_with_progress(
        lambda pipeline: pipeline | "ranges" >> beam.Create(lines) | EmbedTexts(job),
        options,
        workers,
        {job.output: [STEP]},
    )
    return close_job(job, ending)


def tell_plan(settings: EmbedSettings) -> None:
    """Print what the job would do. Nothing is written."""
    settings.validate()
    job, items = open_job(settings, time.time())
    size = sum(item.size for item in items) / 1e6
    print("dry run of embed: nothing is written and nothing is submitted")
    print(f"output     {job.output}")
    print(f"plan       {job.items:,} shards of vectors from {size:,.1f} MB; {job.told} of {job.width:,} numbers")


class EmbedTexts(beam.PTransform):
    """Turns the lines that `write_plan` returned into one `Manifest`. Every shard of vectors is then written."""

    def __init__(self, job: EmbedJob) -> None:
        """`job` is all that the workers need to know."""
        super().__init__()
        self._job = job

    def expand(self, input_or_inputs: beam.PCollection[PlanLine]) -> beam.PCollection[Manifest]:
        """One call writes one shard. The rows, a few hundred bytes each, are collected for the last step."""
        job, output = self._job, self._job.output
        return (
            input_or_inputs
            | "spread" >> beam.Reshuffle()
            | "find the folder" >> beam.Map(require_shared, output)
            | "embed a range" >> beam.FlatMap(attempt, embed_range, output, job)
            | "count shards" >> beam.Map(counted, of_vectors)
            | "all rows" >> beam.combiners.ToList()
            | "finish" >> beam.FlatMap(attempt_if_whole, finish_vectors, output, job)
        )


def _ending(job: EmbedJob) -> Ending:
    def line(_: Manifest, seconds: float | None) -> str:
        return closing_line(read_stats(job.output), job.told, seconds)

    return Ending(line, lambda _: print_set_aside(job.output))
