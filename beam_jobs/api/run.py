"""`beam_jobs.run`: runs a job from its settings, as the command line does."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.jobs.corpus import run_corpus as corpus_job
from beam_jobs.jobs.embed.pipeline import run_embed
from beam_jobs.jobs.instances.pipeline import run_instances
from beam_jobs.jobs.segment.pipeline import run_segment
from beam_jobs.jobs.vocabulary.pipeline import run_vocabulary
from beam_jobs.records import STATS_NAME, Manifest
from beam_jobs.settings import EmbedSettings, InstanceSettings, SegmentSettings, Settings, VocabularySettings


@dataclass(frozen=True)
class JobResult:
    """The place and the content of a finished job's output."""

    output: str
    """The output folder, as an absolute path or URI."""
    manifest: Manifest = field(repr=False)
    """The content of its `manifest.json`."""
    statistics: Mapping[str, Any] = field(repr=False)
    """The content of its `corpus_stats.json`."""

    @property
    def shards(self) -> list[str]:
        """The paths or URIs of the shards, in order."""
        return [storage.join(self.output, shard.name) for shard in self.manifest.shards]


_JOBS: dict[type, Callable[..., Manifest]] = {
    SegmentSettings: run_segment,
    InstanceSettings: run_instances,
    VocabularySettings: run_vocabulary,
    EmbedSettings: run_embed,
}


def run(settings: Settings, beam_arguments: Sequence[str] = ()) -> JobResult:
    """Run the job of these settings to its end. A job that is already finished is not run again.

        result = run(SegmentSettings(input=("raw",), output="sentences", language="nb"))
        result.statistics["sentences"]

    Args:
        settings: `SegmentSettings`, `InstanceSettings`, `VocabularySettings` or `EmbedSettings`.
        beam_arguments: options of a Beam runner, such as "--runner=FlinkRunner"; by default the job uses all cores
        here.

    Raises:
        UserError: the settings, the input or the output folder do not allow it, or the input cannot be used.
    """
    job = _JOBS.get(type(settings))
    if job is None:
        names = ", ".join(known.__name__ for known in _JOBS)
        raise UserError(f"run() takes the settings of a job ({names}), not {type(settings).__name__}")
    return _result(settings.output, job(settings, list(beam_arguments)))


def run_corpus(
    segment_settings: SegmentSettings, instance_settings: InstanceSettings, beam_arguments: Sequence[str] = ()
) -> JobResult:
    """Run the segment and the instances job in one launch; the result is that of the instances job.

    The instances job reads what the segment job writes: `instance_settings.input` is `(segment_settings.output,)`.

    Raises:
        UserError: either job raises it, or the instances job would read something else.
    """
    if tuple(instance_settings.input) != (segment_settings.output,):
        raise UserError(
            f"the instances job reads {instance_settings.input!r}, but the segment job writes {segment_settings.output!r}: "
            "the input of the one must be the output of the other"
        )
    return _result(instance_settings.output, corpus_job(segment_settings, instance_settings, list(beam_arguments)))


def _result(output: str | Path, manifest: Manifest) -> JobResult:
    folder = storage.absolute(str(output))
    statistics = json.loads(storage.read_bytes(storage.join(folder, STATS_NAME)))
    return JobResult(folder, manifest, statistics)
