"""`beambert corpus`: raw documents to instances in one launch."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from beam_jobs.commands.begin_job import begin_job
from beam_jobs.commands.job_settings import add_engine, add_settings, read_settings
from beam_jobs.settings import InstanceSettings, SegmentSettings

if TYPE_CHECKING:
    from beam_jobs.jobs.preview import Preview

DESCRIPTION = (
    "Segment and instances in one launch: sentence shards go to OUTPUT/sentences, instances to OUTPUT/instances."
)
EXAMPLES = """\
corpus --input 'raw/*.jsonl.gz' --output corpus --language nb --dupe_factor 3
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the settings of both jobs. Settings that both have are added once."""
    add_settings(parser, SegmentSettings)
    add_settings(parser, InstanceSettings)
    add_engine(parser)


def run(options: argparse.Namespace) -> int:
    """Run both jobs."""
    output = getattr(options, "output", "").rstrip("/")
    inner = f"{output}/sentences" if output else ""
    segment_settings = read_settings(SegmentSettings, options, output=inner)
    instance_settings = read_settings(
        InstanceSettings, options, input=(inner,), output=output and f"{output}/instances"
    )
    settings = (segment_settings, instance_settings)
    from beam_jobs.jobs.corpus import run_corpus

    def show(arguments: Sequence[str], preview: "Preview") -> bool:
        from beam_jobs.jobs.preview import preview_corpus

        return preview_corpus(*settings, arguments, preview)

    return begin_job(options, "corpus", settings, show, lambda arguments: run_corpus(*settings, arguments))
