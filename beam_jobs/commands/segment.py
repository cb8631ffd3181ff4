"""`beambert segment`: raw documents to sentence shards."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from beam_jobs.commands.begin_job import begin_job
from beam_jobs.commands.job_settings import add_engine, add_settings, job_options, read_settings
from beam_jobs.settings import SegmentSettings

if TYPE_CHECKING:
    from beam_jobs.jobs.preview import Preview

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
    options = job_options(options)
    settings = read_settings(SegmentSettings, options)

    def show(arguments: Sequence[str], preview: "Preview") -> bool:
        from beam_jobs.jobs.preview import preview_segment

        return preview_segment(settings, arguments, preview)

    def begin(arguments: Sequence[str]) -> None:
        from beam_jobs.jobs.segment.pipeline import run_segment

        run_segment(settings, arguments)

    return begin_job(options, "segment", [settings], show, begin)
