"""`beambert embed`: raw documents to shards of vectors."""

import argparse
import importlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from beam_jobs.commands.begin_job import begin_job
from beam_jobs.commands.job_settings import add_engine, add_settings, beam_arguments, job_options, read_settings
from beam_jobs.errors import UserError
from beam_jobs.settings import EmbedSettings

if TYPE_CHECKING:
    from beam_jobs.jobs.preview import Preview

DESCRIPTION = (
    "Vectors of the texts of a corpus as Parquet shards, in the order of the input; the same vectors as `trainer embed`, "
    "which does one file on one machine. Needs the packages of the trainer."
)
EXAMPLES = """\
embed --input 'raw/*.jsonl.gz' --output vectors --model exported
embed --input gs://corpus/raw --output gs://corpus/vectors --model /shared/model --pooling cls --normalize yes
"""
_LAYERS_LIKE_NUMBERS = re.compile(r"-\d+([:,]-?\d+)*")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the settings of the job."""
    parser._negative_number_matcher = _LAYERS_LIKE_NUMBERS  # argparse would take -4:-1 for a flag
    add_settings(parser, EmbedSettings)
    add_engine(parser)


def run(options: argparse.Namespace) -> int:
    """Run the job."""
    options = job_options(options)
    settings = read_settings(EmbedSettings, options)
    if any(argument.partition("=")[0] == "--template_location" for argument in beam_arguments(options)):
        raise UserError(
            "--template_location: embed has no template, because its model is loaded first; launch it directly"
        )

    def show(arguments: Sequence[str], preview: "Preview") -> bool:
        if preview.dry_run:
            from beam_jobs.jobs.embed.pipeline import tell_plan

            tell_plan(settings)
        return preview.dry_run

    def begin(arguments: Sequence[str]) -> None:
        # The jobs import nothing of the trainer; this module of it is small, and has no need of Keras.
        importlib.import_module("trainer.commands.named_paths").require_model("--model", settings.model)
        from beam_jobs.jobs.embed.pipeline import run_embed

        run_embed(settings, arguments)

    return begin_job(options, "embed", [settings], show, begin)
