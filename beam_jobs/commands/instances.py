"""`beambert instances`: sentence shards to shards of pretraining instances."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from beam_jobs.commands.begin_job import begin_job
from beam_jobs.commands.job_settings import add_engine, add_settings, job_options, read_settings
from beam_jobs.settings import InstanceSettings

if TYPE_CHECKING:
    from beam_jobs.jobs.preview import Preview

DESCRIPTION = "Turn sentence shards into TFRecord shards of BERT pretraining instances, with statistics and samples."
EXAMPLES = """\
instances --input sentences --output tfrecords --model_class bert_multi_cased --dupe_factor 3
instances --input sentences --output tf512 --max_seq_length 512
instances --input sentences --output dynamic --masking dynamic --vocab_file vocab.txt
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the settings of the job."""
    add_settings(parser, InstanceSettings)
    add_engine(parser)


def run(options: argparse.Namespace) -> int:
    """Run the job."""
    options = job_options(options)
    settings = read_settings(InstanceSettings, options)

    def show(arguments: Sequence[str], preview: "Preview") -> bool:
        from beam_jobs.jobs.preview import preview_instances

        return preview_instances(settings, arguments, preview)

    def begin(arguments: Sequence[str]) -> None:
        from beam_jobs.jobs.instances.pipeline import run_instances

        run_instances(settings, arguments)

    return begin_job(options, "instances", [settings], show, begin)
