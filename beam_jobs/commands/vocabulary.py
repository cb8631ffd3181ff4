"""`beambert vocabulary`: text to a WordPiece vocabulary and its model class."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from beam_jobs.commands.begin_job import begin_job
from beam_jobs.commands.job_settings import add_engine, add_settings, job_options, read_settings
from beam_jobs.settings import VocabularySettings

if TYPE_CHECKING:
    from beam_jobs.jobs.preview import Preview

DESCRIPTION = "Count words with Beam and learn a WordPiece vocabulary from the counts: vocab.txt and a model class."
EXAMPLES = """\
vocabulary --input 'raw/*.jsonl.gz' --output my_vocab --vocab_size 50000
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the settings of the job."""
    add_settings(parser, VocabularySettings)
    add_engine(parser)


def run(options: argparse.Namespace) -> int:
    """Run the job."""
    options = job_options(options)
    settings = read_settings(VocabularySettings, options)

    def show(arguments: Sequence[str], preview: "Preview") -> bool:
        from beam_jobs.jobs.preview import preview_vocabulary

        return preview_vocabulary(settings, arguments, preview)

    def begin(arguments: Sequence[str]) -> None:
        from beam_jobs.jobs.vocabulary.pipeline import run_vocabulary

        run_vocabulary(settings, arguments)

    return begin_job(options, "vocabulary", [settings], show, begin)
