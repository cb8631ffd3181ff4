"""`beambert trainer distill`: a smaller network learns from a trained one; the same command continues it."""

import argparse
import dataclasses

from beam_jobs.console.command_parser import add_switch
from trainer.commands.named_paths import require_model
from trainer.commands.plan_arguments import ELSEWHERE as ELSEWHERE
from trainer.commands.plan_arguments import (
    add_launch_options,
    add_training_choices,
    chosen_plan,
    require_data,
    require_launch,
)
from trainer.plans.plan import Plan

DESCRIPTION = (
    "Distil a model: a student with fewer layers learns what its teacher computes; the same command continues it."
)
EXAMPLES = """\
trainer distill --teacher run --data corpus/instances --plan distilbert --output student
trainer distill --teacher run --data corpus/instances --plan my_plan.toml --output student --layers 3
trainer distill --teacher encoder --data texts.txt --dev dev.txt --plan distilbert --output student --hidden_states_only
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the teacher, the student, the plan with its changes, and the options of this launch."""
    parser.add_argument(
        "--teacher",
        required=True,
        metavar="DIR|FILE",
        help="a trained model: the --output of pretrain, or a Hugging Face, Google or Model Garden checkpoint. It is only "
        "read; the run keeps its SHA-256, and goes on with no other",
    )
    parser.add_argument(
        "--data",
        nargs="+",
        action="extend",
        default=[],
        metavar="DIR|FILE|URI",
        help="outputs of the instances job, made with the teacher's vocabulary; or with --hidden_states_only texts: .txt with "
        "one a line, .jsonl, .tsv, .csv or .parquet",
    )
    parser.add_argument(
        "--plan",
        required=True,
        metavar="NAME|FILE",
        help="distilbert, or a .toml file with a table [distillation], which weighs the losses",
    )
    parser.add_argument(
        "--output", required=True, metavar="DIR|URI", help="local, gs:// or s3://; the same one continues the run"
    )
    student = parser.add_argument_group("the student, instead of what the plan says")
    student.add_argument(
        "--layers",
        type=int,
        default=0,
        metavar="INT",
        help="its layers (default: half of the teacher's), copied from the teacher's evenly and always with the last one: 6 "
        "of 12 are 0 2 4 7 9 11",
    )
    student.add_argument(
        "--from_layers", type=int, nargs="+", default=[], metavar="INT", help="copy these layers of the teacher, from 0"
    )
    add_switch(
        student,
        "random_start",
        "begin with random weights instead of the teacher's, to see what the copied layers are worth",
    )
    add_switch(
        student,
        "hidden_states_only",
        "learn the direction of the teacher's last hidden states and no predictions: for teachers without a masked-LM "
        "head, such as sentence encoders. Pieces are not masked then",
    )
    parser.add_argument(
        "--dev", default="", metavar="FILE|URI", help="texts that are held out; instances have their dev split"
    )
    parser.add_argument(
        "--text_column", default="", metavar="NAME", help="of texts in tables (default: text, sentence ...)"
    )
    add_training_choices(parser)
    add_launch_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Train. Returns 0 if the run is finished (or at --max_steps), 128 + signal if it was stopped and saved."""
    from trainer.devices.kept_memory import keep_freed_memory

    keep_freed_memory()
    require_launch(arguments)
    plan = _with_student(chosen_plan(arguments), arguments)
    arguments.teacher = require_model("--teacher", arguments.teacher)
    require_data(arguments)
    from trainer.distillation.distill import distill
    from trainer.training.loop_state import StopRequestedError
    from trainer.training.train import Launch

    launch = Launch(
        plan=plan,
        data=tuple(arguments.data),
        output=arguments.output,
        max_steps=arguments.max_steps,
        accumulation=arguments.accumulation,
        tensorboard=arguments.tensorboard,
    )
    try:
        distill(launch, arguments.teacher, dev=arguments.dev, text_column=arguments.text_column)
    except StopRequestedError as stopped:
        return 128 + stopped.signal
    return 0


def _with_student(plan: Plan, arguments: argparse.Namespace) -> Plan:
    """The plan with the student of the command line. A plan without a table `[distillation]` stays as it is."""
    from trainer.plans.distillation import RANDOM

    settings = plan.distillation
    if settings is None:
        return plan
    if arguments.layers or arguments.from_layers:
        settings = dataclasses.replace(settings, layers=arguments.layers, from_layers=tuple(arguments.from_layers))
    if arguments.random_start:
        settings = dataclasses.replace(settings, start=RANDOM)
    if arguments.hidden_states_only:
        settings = dataclasses.replace(settings, soft_weight=0.0, mlm_weight=0.0)
    settings.validate()
    return dataclasses.replace(plan, distillation=settings)
