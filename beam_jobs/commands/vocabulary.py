"""`beambert vocabulary`: text to a WordPiece vocabulary and its model class."""

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
from beam_jobs.settings import VocabularySettings

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
    settings = read_settings(VocabularySettings, options)
    from beam_jobs.jobs.vocabulary.pipeline import run_vocabulary

    arguments = beam_arguments(options)
    if wants_preview(options, arguments):
        from beam_jobs.jobs.preview import preview_vocabulary

        if preview_vocabulary(settings, arguments, preview(options)):
            return 0
    if wants_template(arguments):
        from beam_jobs.jobs.template import make_template

        make_template("vocabulary", [settings], arguments)
        return 0
    run_vocabulary(settings, arguments)
    return 0
