"""A classic template of Dataflow: the graph of a job in a file, which others launch again and again with other settings.

A template is launched by Google's service, without our driver. So what the driver does before and after the pipeline is done
by workers here: the first step opens the job with the settings of the launch, lists the input and writes the plan; the last
one raises what failed and removes the work folder. Between them are the steps of the job, which get the opened job as a side
input.
"""

import dataclasses
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions
from apache_beam.options.value_provider import RuntimeValueProvider
from apache_beam.pvalue import AsIter, AsSingleton

from beam_jobs import storage
from beam_jobs.engines.preflight import check_launch
from beam_jobs.errors import UserError
from beam_jobs.execution.failures import raise_failures
from beam_jobs.execution.output_folder import remove_work
from beam_jobs.execution.progress import announce_step
from beam_jobs.execution.run_pipeline import pipeline_options, run_pipeline
from beam_jobs.inputs.find_sentences import find_sentences
from beam_jobs.inputs.plan_file import write_plan
from beam_jobs.jobs.corpus import plan_of_corpus
from beam_jobs.jobs.instances.job import open_job as open_instance_job
from beam_jobs.jobs.instances.pipeline import WriteInstances, prepare_instances
from beam_jobs.jobs.instances.plan_instances import plan_instances
from beam_jobs.jobs.instances.write_instances import STEP as INSTANCES_STEP
from beam_jobs.jobs.segment.job import SEGMENT_STEP
from beam_jobs.jobs.segment.job import open_job as open_segment_job
from beam_jobs.jobs.segment.pipeline import SegmentCorpus, prepare_segment
from beam_jobs.jobs.vocabulary.counts_file import STEP as COUNT_STEP
from beam_jobs.jobs.vocabulary.job import open_vocabulary_job
from beam_jobs.jobs.vocabulary.pipeline import LearnVocabulary, prepare_vocabulary
from beam_jobs.settings import InstanceSettings, SegmentSettings, Settings, VocabularySettings, to_json

CORPUS = "corpus"


class Parameters:
    """The settings of a launch: those of the template, with what the launch gives in their place.

    A launch gives text: a list of inputs is separated by spaces, a switch is `true` or `false`.
    """

    def __init__(self, settings: Settings) -> None:
        """`settings` are the defaults; every one of them can be given at the launch."""
        self._settings = settings
        names = [f.name for f in dataclasses.fields(settings)]
        self._given = {name: RuntimeValueProvider(name, str, None) for name in names}

    def get(self, **changes: Any) -> Settings:
        """The settings, checked. `changes` override them. Only for workers: elsewhere Beam raises an error."""
        given = {name: provider.get() for name, provider in self._given.items()}
        values = {name: _parsed(name, text, getattr(self._settings, name)) for name, text in given.items() if text}
        settings = dataclasses.replace(self._settings, **{**values, **changes})
        settings.validate()
        return settings

    def flags(self) -> list[str]:
        """The defaults as options of the pipeline, where the service puts the values of a launch in their place."""
        shown = {name: " ".join(v) if isinstance(v, list) else str(v) for name, v in to_json(self._settings).items()}
        return [f"--{name}={text}" for name, text in shown.items()]

    def described(self) -> list[dict[str, Any]]:
        """The parameters as the template's metadata lists them, for Google's console."""
        return [
            {"name": f.name, "label": f.name, "helpText": f.metadata["help"], "isOptional": True}
            for f in dataclasses.fields(self._settings)
        ]


def make_template(kind: str, settings: Sequence[Settings], arguments: Sequence[str]) -> None:
    """Write the template of a job to `--template_location`, and its metadata beside it. Nothing is submitted.

    Args:
        kind: the command: segment, instances, vocabulary or corpus.
        settings: the defaults; for a corpus those of both jobs.
        arguments: options of Beam, `--runner=DataflowRunner` and `--template_location` among them.

    Raises:
        UserError: an option is missing or wrong, or the bucket cannot be written to.
    """
    options = pipeline_options(arguments)
    google = options.view_as(GoogleCloudOptions)
    if not google.template_location or not google.template_location.startswith("gs://"):
        raise UserError("--template_location must be gs://BUCKET/NAME: Dataflow launches the template from there")
    check_launch(options, settings[0].input, settings[0].output)
    parameters = [Parameters(part) for part in settings]
    flags = list(dict.fromkeys(flag for part in parameters for flag in part.flags()))
    known = {flag.partition("=")[0]: flag for flag in reversed(flags)}
    if kind == CORPUS:
        known["--output"] = f"--output={settings[0].output.removesuffix('/sentences')}"
    run_pipeline(lambda p: template_graph(p, kind, parameters), PipelineOptions([*arguments, *known.values()]), 0)
    described = {entry["name"]: entry for part in reversed(parameters) for entry in part.described()}
    metadata = {"name": f"beambert {kind}", "parameters": list(described.values())}
    storage.write_atomically(f"{google.template_location}_metadata", json.dumps(metadata, indent=1).encode())
    print(
        f"template {google.template_location} is made; to launch it:\n  gcloud dataflow jobs run NAME "
        f"--gcs-location {google.template_location} --region {google.region} --project {google.project} "
        "--parameters input=gs://BUCKET/RAW,output=gs://BUCKET/MADE"
    )


def template_graph(pipeline: beam.Pipeline, kind: str, parameters: Sequence[Parameters]) -> None:
    """The steps of a launch, from its settings to the removal of the work folder."""
    begin = {
        "segment": _begin_segment,
        "instances": _begin_instances,
        "vocabulary": _begin_vocabulary,
        CORPUS: _begin_corpus,
    }
    begun = pipeline | "launch" >> beam.Create([None]) | "begin" >> beam.Map(_call(begin[kind]), *parameters)
    jobs = begun | "jobs" >> beam.Map(lambda pair: pair[0])
    items = begun | "items" >> beam.FlatMap(lambda pair: pair[1])
    one = [_side(jobs, number) for number in range(2 if kind == CORPUS else 1)]
    if kind == "instances":
        ended = items | kind >> WriteInstances(*one[0])
    elif kind == "vocabulary":
        ended = items | kind >> LearnVocabulary(*one[0])
    else:
        ended = items | "segment" >> SegmentCorpus(*one[0])
    if kind == CORPUS:
        (_, folder), (job, output) = one
        shards = ended | "plan instances" >> beam.FlatMap(plan_of_corpus, folder, job)
        ended = shards | "instances" >> WriteInstances(job, output)
    _ = jobs | "close" >> beam.Map(_close, AsIter(ended))


def _side(jobs: beam.PCollection[Any], number: int) -> tuple[AsSingleton, AsSingleton]:
    """The job of this number, and its output folder, as side inputs."""
    job = jobs | f"job {number}" >> beam.Map(lambda opened: opened[number])
    return AsSingleton(job), AsSingleton(job | f"output {number}" >> beam.Map(lambda opened: opened.output))


def _call(function: Any) -> Any:
    return lambda _, *parameters: function(*parameters)


def _begin_segment(parameters: Parameters) -> tuple[tuple[Any, ...], list[Any]]:
    settings = parameters.get()
    assert isinstance(settings, SegmentSettings)
    job, items = open_segment_job(settings, time.time())
    _require_new(prepare_segment(job, items), job.output)
    return (job,), write_plan(items, job.output, SEGMENT_STEP)


def _begin_vocabulary(parameters: Parameters) -> tuple[tuple[Any, ...], list[Any]]:
    settings = parameters.get()
    assert isinstance(settings, VocabularySettings)
    job, items = open_vocabulary_job(settings, time.time())
    _require_new(prepare_vocabulary(job), job.output)
    return (job,), write_plan(items, job.output, COUNT_STEP)


def _begin_instances(parameters: Parameters) -> tuple[tuple[Any, ...], list[Any]]:
    settings = parameters.get()
    assert isinstance(settings, InstanceSettings)
    files, content = find_sentences(settings.input, settings.output)
    items = plan_instances(files, int(settings.shard_mb * 1e6), settings.gzipped)
    job, vocabulary = open_instance_job(settings, content, 0, time.time())
    _require_new(prepare_instances(job, vocabulary), job.output)
    announce_step(job.output, INSTANCES_STEP, "shards", len(items), sum(item.size for item in items))
    return (job,), list(items)


def _begin_corpus(sentences: Parameters, instances: Parameters) -> tuple[tuple[Any, ...], list[Any]]:
    output = (sentences._given["output"].get() or sentences._settings.output.removesuffix("/sentences")).rstrip("/")
    inner = f"{output}/sentences"
    of_segment, of_instances = sentences.get(output=inner), instances.get(input=(inner,), output=f"{output}/instances")
    assert isinstance(of_segment, SegmentSettings)
    assert isinstance(of_instances, InstanceSettings)
    job, items = open_segment_job(of_segment, time.time())
    instance_job, vocabulary = open_instance_job(of_instances, job.hash, 0, job.started)
    _require_new(prepare_segment(job, items), job.output)
    _require_new(prepare_instances(instance_job, vocabulary), instance_job.output)
    return (job, instance_job), write_plan(items, job.output, SEGMENT_STEP)


def _require_new(finished: object, output: str) -> None:
    if finished is not None:
        raise UserError(f"--output {output} is finished already; choose another --output for this launch")


def _close(jobs: tuple[Any, ...], ended: Iterable[Any]) -> None:
    """Raise what workers have noted, as the driver would, and remove the work folders."""
    for job in jobs:
        raise_failures(job.output)
    if not _any(ended):
        raise UserError(
            f"--output {jobs[-1].output} was not finished; launch the template again, it goes on from there"
        )
    for job in jobs:
        remove_work(job.output)


def _any(ended: Iterable[Any]) -> bool:
    found: Iterator[Any] = iter(ended)
    return next(found, None) is not None


def _parsed(name: str, text: str, default: Any) -> Any:
    """The value of a setting that a launch gave as text."""
    try:
        if isinstance(default, bool):
            return {"true": True, "false": False}[text.strip().lower()]
        return tuple(text.split()) if isinstance(default, tuple) else type(default)(text)
    except (KeyError, ValueError):
        raise UserError(f"{name}={text} is no {type(default).__name__}; correct the parameter of this launch") from None
