"""`beambert trainer pretrain`: trains a plan on data into an output folder; the same command continues it."""

import argparse

from beam_jobs.errors import UserError
from trainer.commands.plan_arguments import ELSEWHERE as ELSEWHERE
from trainer.commands.plan_arguments import (
    add_launch_options,
    add_plan_choices,
    add_silence,
    chosen_plan,
    require_data,
    require_launch,
    require_warnings,
)

DESCRIPTION = "Train a plan on instances into a folder; the same command continues after an interruption."
EXAMPLES = """\
trainer pretrain --plan demo --data corpus/instances --output run
trainer pretrain --plan notram_mbert --data gs://corpora/tf128 gs://corpora/tf512 --output run
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the plan, its changes, and the options of this launch."""
    parser.add_argument("--plan", required=True, metavar="NAME|FILE", help="see `trainer plan list`; or a .toml file")
    parser.add_argument(
        "--output", required=True, metavar="DIR|URI", help="local, gs:// or s3://; the same one continues the run"
    )
    add_plan_choices(parser)
    add_launch_options(parser)
    add_silence(parser)
    parser.add_argument("--profile_steps", default="", metavar="INT-INT", help="trace these updates of this launch")


def run(arguments: argparse.Namespace) -> int:
    """Train. Returns 0 if the run is finished (or at --max_steps), 128 + signal if it was stopped and saved."""
    from trainer.devices.kept_memory import keep_freed_memory

    keep_freed_memory()
    require_launch(arguments)
    require_warnings(arguments)
    plan, profile_steps = chosen_plan(arguments), _steps(arguments.profile_steps)
    require_data(arguments)
    from trainer.training.loop_state import StopRequestedError
    from trainer.training.pretrain import pretrain
    from trainer.training.train import Launch

    launch = Launch(
        plan=plan,
        data=tuple(arguments.data),
        output=arguments.output,
        max_steps=arguments.max_steps,
        accumulation=arguments.accumulation,
        profile_steps=profile_steps,
        tensorboard=arguments.tensorboard,
        silence=tuple(arguments.silence),
    )
    try:
        pretrain(launch)
    except StopRequestedError as stopped:
        return 128 + stopped.signal
    return 0


def _steps(text: str) -> range:
    if not text:
        return range(0)
    first, _, last = text.partition("-")
    if not (_is_count(first) and _is_count(last) and int(first) < int(last)):
        raise UserError(f"--profile_steps {text!r} must be like 10-15: from which update of this launch to which")
    return range(int(first), int(last))


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
