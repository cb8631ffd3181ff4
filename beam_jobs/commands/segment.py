"""`beambert segment`: raw documents to sentence shards."""

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
from beam_jobs.settings import SegmentSettings

DESCRIPTION = (
    "Cut raw documents into sentences and write them as shards: one sentence a line, a blank line between documents."
)
EXAMPLES = """\
segment --input 'raw/*.jsonl.gz' --output sentences --language nb
segment --input books/ --output sentences --documents_are paragraph_blocks
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the settings of the job."""
    add_settings(parser, SegmentSettings)
    add_engine(parser)


def run(options: argparse.Namespace) -> int:
    """Run the job."""
    settings = read_settings(SegmentSettings, options)
    from beam_jobs.jobs.segment.pipeline import run_segment

    arguments = beam_arguments(options)
    if wants_preview(options, arguments):
        from beam_jobs.jobs.preview import preview_segment

        if preview_segment(settings, arguments, preview(options)):
            return 0
    if wants_template(arguments):
        from beam_jobs.jobs.template import make_template

        make_template("segment", [settings], arguments)
        return 0
    run_segment(settings, arguments)
    return 0
