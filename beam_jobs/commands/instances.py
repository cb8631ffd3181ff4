"""`beambert instances`: sentence shards to shards of pretraining instances."""

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
from beam_jobs.settings import InstanceSettings

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
    settings = read_settings(InstanceSettings, options)
    from beam_jobs.jobs.instances.pipeline import run_instances

    arguments = beam_arguments(options)
    if wants_preview(options, arguments):
        from beam_jobs.jobs.preview import preview_instances

        if preview_instances(settings, arguments, preview(options)):
            return 0
    if wants_template(arguments):
        from beam_jobs.jobs.template import make_template

        make_template("instances", [settings], arguments)
        return 0
    run_instances(settings, arguments)
    return 0
