"""The corpus job: raw documents to instances in one launch and one pipeline."""

import time
from collections.abc import Sequence

import apache_beam as beam

from beam_jobs.engines.preflight import check_launch
from beam_jobs.errors import UserError
from beam_jobs.execution.launch import run_with_progress
from beam_jobs.execution.progress import announce_step
from beam_jobs.execution.run_pipeline import local_workers, pipeline_options, workers_asked_for
from beam_jobs.inputs.find_sentences import files_of_corpus
from beam_jobs.inputs.plan_file import PlanLine, write_plan
from beam_jobs.inputs.plan_ranges import work_bytes
from beam_jobs.jobs.instances.job import InstanceJob, open_job
from beam_jobs.jobs.instances.pipeline import WriteInstances, close_instances, prepare_instances
from beam_jobs.jobs.instances.plan_instances import InstanceItem, plan_instances
from beam_jobs.jobs.instances.write_instances import STEP as INSTANCES_STEP
from beam_jobs.jobs.segment.job import SEGMENT_STEP, SegmentJob
from beam_jobs.jobs.segment.job import open_job as open_segment_job
from beam_jobs.jobs.segment.pipeline import STEPS as SEGMENT_STEPS
from beam_jobs.jobs.segment.pipeline import SegmentCorpus, close_segment, prepare_segment
from beam_jobs.records import Manifest
from beam_jobs.settings import InstanceSettings, SegmentSettings


def run_corpus(
    segment_settings: SegmentSettings, instance_settings: InstanceSettings, beam_arguments: Sequence[str] = ()
) -> Manifest:
    """Run both jobs to their end and return the manifest of the instances.

    The output equals that of the segment job followed by the instances job, byte for byte. Each of these jobs can
    continue an interrupted launch.

    Raises:
        UserError: what either job raises; the vocabulary is checked before the first document is read.
    """
    segment_settings.validate()
    instance_settings.validate()
    require_pairs(segment_settings, instance_settings)
    options = pipeline_options(beam_arguments)
    check_launch(options, segment_settings.input, segment_settings.output)
    started = time.time()
    segment_job, items = open_segment_job(segment_settings, started)
    size = sum(map(work_bytes, items))
    workers = workers_asked_for(options, local_workers(segment_settings.max_num_cpus, size * instance_settings.copies))
    instance_job, vocabulary = open_job(instance_settings, segment_job.hash, workers, started)
    sentences = prepare_segment(segment_job, items)
    instances = prepare_instances(instance_job, vocabulary)
    if instances is not None:
        return instances
    places = write_plan(items, segment_job.output, SEGMENT_STEP) if sentences is None else []

    def build(pipeline: beam.Pipeline) -> object:
        return corpus_graph(pipeline, segment_job, instance_job, places, sentences)

    steps = {segment_job.output: SEGMENT_STEPS, instance_job.output: [INSTANCES_STEP]}
    run_with_progress(build, options, workers, steps)
    if sentences is None:
        close_segment(segment_job, timed=False)
    return close_instances(instance_job)


def require_pairs(segment_settings: SegmentSettings, instance_settings: InstanceSettings) -> None:
    """Raise UserError if the objective needs pairs that the segment job will not make."""
    if instance_settings.objective_rules.given and not segment_settings.pair_field:
        raise UserError(
            f"--objective {instance_settings.objective} needs pairs: name the fields of the two texts by --text_field and "
            "--pair_field"
        )


def corpus_graph(
    pipeline: beam.Pipeline,
    segment_job: SegmentJob,
    instance_job: InstanceJob,
    places: Sequence[PlanLine],
    sentences: Manifest | None,
) -> beam.PCollection[Manifest]:
    """The steps of both jobs.

    Args:
        pipeline: to which they are added.
        segment_job: makes the sentences.
        instance_job: makes the instances.
        places: the lines of the segment job's plan.
        sentences: the manifest of the sentences if they are finished already; then only instances are made.
    """
    if sentences is None:
        manifest = pipeline | "ranges" >> beam.Create(places) | "segment" >> SegmentCorpus(segment_job)
    else:
        manifest = pipeline | "finished sentences" >> beam.Create([sentences])
    shards = manifest | "plan instances" >> beam.FlatMap(plan_of_corpus, segment_job.output, instance_job)
    return shards | "instances" >> WriteInstances(instance_job)


def plan_of_corpus(manifest: Manifest, folder: str, job: InstanceJob) -> list[InstanceItem]:
    """The instance shards of the sentences that `manifest` lists in `folder`."""
    files = files_of_corpus(folder, manifest)
    items = plan_instances(files, int(job.settings.shard_mb * 1e6), job.settings.gzipped)
    announce_step(job.output, INSTANCES_STEP, "shards", len(items), sum(item.size for item in items))
    return items
