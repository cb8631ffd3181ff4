"""The segment job: raw documents to sentence shards."""

import time
from collections.abc import Sequence

import apache_beam as beam

from beam_jobs.documents.language_notes import tell_of_documents, warn_of_setting
from beam_jobs.documents.set_aside import print_set_aside
from beam_jobs.execution.earlier_outputs import read_manifest
from beam_jobs.execution.failures import attempt, attempt_if_whole, forget_failures, raise_failures
from beam_jobs.execution.output_folder import prepare_output, remove_work
from beam_jobs.execution.progress import shown_progress
from beam_jobs.execution.run_pipeline import local_workers, pipeline_options, run_pipeline, workers_asked_for
from beam_jobs.inputs.plan_file import Place, write_plan
from beam_jobs.inputs.plan_ranges import work_bytes
from beam_jobs.jobs.segment import segment_ranges, write_shards
from beam_jobs.jobs.segment.finish import closing_line, finish_sentences
from beam_jobs.jobs.segment.job import SEGMENT_STEP, SegmentJob, open_job
from beam_jobs.jobs.segment.plan_shards import plan_shards_of_rows
from beam_jobs.jobs.segment.segment_ranges import segment_range
from beam_jobs.jobs.segment.write_shards import write_sentence_shard
from beam_jobs.records import Manifest
from beam_jobs.settings import SegmentSettings

STEPS = [segment_ranges.STEP, write_shards.STEP]


def run_segment(settings: SegmentSettings, beam_arguments: Sequence[str] = ()) -> Manifest:
    """Run the job to its end and return what its output folder holds.

    Raises:
        UserError: the settings, the input or the output folder do not allow it, or too much of the input was set aside.
    """
    settings.validate()
    options = pipeline_options(beam_arguments)
    job, items = open_job(settings, time.time())
    workers = workers_asked_for(
        options, min(local_workers(settings.max_num_cpus, sum(map(work_bytes, items))), len(items))
    )
    finished = prepare_segment(job)
    if finished is not None:
        return finished
    places = write_plan(items, job.output, SEGMENT_STEP)
    with shown_progress({job.output: STEPS}):
        run_pipeline(lambda pipeline: pipeline | "ranges" >> beam.Create(places) | SegmentCorpus(job), options, workers)
    return close_segment(job)


class SegmentCorpus(beam.PTransform):
    """The places that `write_plan` returned, to one `Manifest`, when every file of the corpus has its final name."""

    def __init__(self, job: SegmentJob) -> None:
        """The job tells every worker all it has to know."""
        super().__init__()
        self._job = job

    def expand(self, input_or_inputs: beam.PCollection[Place]) -> beam.PCollection[Manifest]:
        """Two rounds of one call an item: ranges to blocks of sentences, blocks to shards."""
        job, output = self._job, self._job.output
        range_rows = (
            input_or_inputs
            | "spread ranges" >> beam.Reshuffle()
            | "segment a range" >> beam.FlatMap(attempt, segment_range, output, job)
            | "all ranges" >> beam.combiners.ToList()
        )
        shard_rows = (
            range_rows
            | "plan shards" >> beam.FlatMap(attempt_if_whole, plan_shards_of_rows, output, job)
            | "one by one" >> beam.FlatMap(iter)
            | "spread shards" >> beam.Reshuffle()
            | "write a shard" >> beam.FlatMap(attempt, write_sentence_shard, output, job)
            | "all shards" >> beam.combiners.ToList()
        )
        return shard_rows | "finish" >> beam.FlatMap(
            attempt_if_whole, finish_sentences, output, beam.pvalue.AsSingleton(range_rows), job
        )


def prepare_segment(job: SegmentJob) -> Manifest | None:
    """Make the output folder ready; its manifest when an earlier run has finished it."""
    warn_of_setting(job.settings)
    state = prepare_output(job.output, job.settings, job.hash, reusable=job.reusable)
    if state.finished is not None:
        print(f"{job.output} is finished already: {closing_line(state.finished, None)}")
        print_set_aside(job.output)
        return state.finished
    forget_failures(job.output)
    return None


def close_segment(job: SegmentJob, timed: bool = True) -> Manifest:
    """After the pipeline: raise what failed, else show the totals and clear the work folder away.

    `timed` says whether the pipeline did nothing else, so that its time is this job's.
    """
    raise_failures(job.output)
    manifest = read_manifest(job.output)
    assert manifest is not None
    print(closing_line(manifest, time.time() - job.started if timed else None))
    print_set_aside(job.output)
    tell_of_documents(job.output, job.settings)
    remove_work(job.output)
    return manifest
