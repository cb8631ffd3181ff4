"""`beambert corpus`: raw documents to instances in one launch."""

import argparse

from beam_jobs.commands.job_settings import (
    add_engine,
    add_settings,
    beam_arguments,
    preview,
    read_settings,
    wants_preview,
    wants_template,
)
from beam_jobs.settings import InstanceSettings, SegmentSettings

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
    from beam_jobs.jobs.corpus import run_corpus

    arguments = beam_arguments(options)
    if wants_preview(options, arguments):
        from beam_jobs.jobs.preview import preview_corpus

        if preview_corpus(segment_settings, instance_settings, arguments, preview(options)):
            return 0
    if wants_template(arguments):
        from beam_jobs.jobs.template import make_template

        make_template("corpus", [segment_settings, instance_settings], arguments)
        return 0
    run_corpus(segment_settings, instance_settings, arguments)
    return 0
