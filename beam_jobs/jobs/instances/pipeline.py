"""The instances job: sentence shards to shards of pretraining instances."""

import time
from collections.abc import Sequence

import apache_beam as beam

from beam_jobs import storage
from beam_jobs.console.warnings import warn
from beam_jobs.engines.metrics import counted, of_instance_shard
from beam_jobs.engines.preflight import check_launch
from beam_jobs.engines.shared_folder import require_shared
from beam_jobs.execution.failures import attempt, attempt_if_whole
from beam_jobs.execution.launch import Ending, close_job, prepare_job, run_with_progress, workers_for
from beam_jobs.execution.progress import announce_step
from beam_jobs.execution.run_pipeline import pipeline_options
from beam_jobs.inputs.find_sentences import find_sentences
from beam_jobs.inspection.tell_doubts import warn_of_instances
from beam_jobs.instances.doubts import doubts_about_predictions
from beam_jobs.jobs.instances.finish import closing_line, finish_instances
from beam_jobs.jobs.instances.job import InstanceJob, open_job
from beam_jobs.jobs.instances.plan_instances import InstanceItem, plan_instances
from beam_jobs.jobs.instances.write_instances import STEP, write_instance_shard
from beam_jobs.records import SAMPLES_TEXT_NAME, Manifest
from beam_jobs.settings import InstanceSettings


def run_instances(settings: InstanceSettings, beam_arguments: Sequence[str] = ()) -> Manifest:
    """Run the job to its end and return the manifest of its output.

    Raises:
        UserError: the settings, the input, the vocabulary or the output folder do not allow it, or a shard failed.
    """
    settings.validate()
    options = pipeline_options(beam_arguments)
    check_launch(options, settings.input, settings.output)
    files, input_hash = find_sentences(settings.input, settings.output)
    items = plan_instances(files, int(settings.shard_mb * 1e6), settings.gzipped)
    size = sum(item.size for item in items)
    workers = workers_for(options, settings.max_num_cpus, size * settings.copies, len(items))
    job, vocabulary = open_job(settings, input_hash, workers, time.time())
    finished = prepare_instances(job, vocabulary)
    if finished is not None:
        return finished
    announce_step(job.output, STEP, "shards", len(items), size)
    run_with_progress(
        lambda pipeline: pipeline | "instance shards" >> beam.Create(items) | WriteInstances(job),
        options,
        workers,
        {job.output: [STEP]},
    )
    return close_instances(job)


class WriteInstances(beam.PTransform):
    """Turns `InstanceItem`s into one `Manifest`. Every file of the corpus is then written."""

    def __init__(self, job: InstanceJob | beam.pvalue.AsSingleton, output: str | beam.pvalue.AsSingleton = "") -> None:
        """`job` is all that the workers need to know. In a template, it and `output` are side inputs."""
        super().__init__()
        self._job = job
        self._output = job.output if not output and not isinstance(job, beam.pvalue.AsSingleton) else output

    def expand(self, input_or_inputs: beam.PCollection[InstanceItem]) -> beam.PCollection[Manifest]:
        """One call writes one shard. The rows, a few hundred bytes each, are collected for the last step."""
        output = self._output
        return (
            input_or_inputs
            | "spread" >> beam.Reshuffle()
            | "find the folder" >> beam.Map(require_shared, output)
            | "write a shard" >> beam.FlatMap(attempt, write_instance_shard, output, self._job)
            | "count shards" >> beam.Map(counted, of_instance_shard)
            | "all rows" >> beam.combiners.ToList()
            | "finish" >> beam.FlatMap(attempt_if_whole, finish_instances, output, self._job)
        )


def prepare_instances(job: InstanceJob, vocabulary: bytes) -> Manifest | None:
    """Prepare the output folder, with the vocabulary in it. Returns the manifest if an earlier run has finished it."""
    warn(doubts_about_predictions(job.settings), job.settings.silence)
    return prepare_job(job, _ending(job), {job.vocabulary_name: vocabulary})


def close_instances(job: InstanceJob) -> Manifest:
    """After the pipeline: raise its errors, or show samples and totals and remove the work folder."""
    return close_job(job, _ending(job))


def _ending(job: InstanceJob) -> Ending:
    def samples() -> None:
        print(storage.read_bytes(storage.join(job.output, SAMPLES_TEXT_NAME)).decode(), end="")

    return Ending(closing_line, lambda _: warn_of_instances(job.output, job.settings), preview=samples)
