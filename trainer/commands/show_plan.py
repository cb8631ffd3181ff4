"""`beambert trainer plan show`: shows what a plan will do."""

import argparse
import dataclasses
from typing import TYPE_CHECKING

from beam_jobs.console.warnings import warn
from trainer.commands.plan_arguments import ELSEWHERE as ELSEWHERE
from trainer.commands.plan_arguments import add_plan_choices, add_silence, chosen_plan, require_warnings

if TYPE_CHECKING:
    from trainer.commands.plan_forecast import Target

DESCRIPTION = "Show what a plan will do, before it does it: steps, tokens, learning rates, memory, hours."
EXAMPLES = """\
trainer plan show notram_mbert
trainer plan show notram_mbert --device v3-8
trainer plan show demo --data corpus/instances
"""
TABLE_WIDTH = 110  # a narrower terminal wraps lines instead of losing columns
ASSUMED_PIECES = 30_000  # size of a vocabulary that is known only from the data


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the plan, its changes, and the devices to show it for."""
    parser.add_argument("plan", metavar="NAME|FILE", help="see `trainer plan list`; or a .toml file")
    add_plan_choices(parser)
    add_silence(parser)
    parser.add_argument(
        "--device",
        default="",
        metavar="NAME",
        help="look at it for v3-8, v5e-8, 8xH100, A100-SXM4-80GB, ...; default: what is here",
    )
    parser.add_argument(
        "--devices", type=int, default=0, metavar="INT", help="how many of them; default: as many as here"
    )
    parser.add_argument(
        "--mfu",
        type=float,
        default=None,
        metavar="SHARE",
        help="share of the devices' peak to reckon with; default: the compiler's figure if there is one, or else 0.4",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the plan."""
    from rich.console import Console

    from trainer.commands.plan_forecast import print_forecast
    from trainer.data.corpus_folder import find_folders, fit_phase, folder_for
    from trainer.plans.doubts import doubts_about_phases
    from trainer.run.model_source import model_source

    console = Console(soft_wrap=True)
    console.width = max(console.width, TABLE_WIDTH)
    require_warnings(arguments)
    plan = chosen_plan(arguments)
    folders = find_folders(arguments.data)
    source = model_source(plan.model, folders, ASSUMED_PIECES)
    chosen = [folder_for(phase, folders) if folders else None for phase in plan.phases]
    source = source.fitted_to(folder for folder in chosen if folder)
    fitted = [fit_phase(phase, folder) if folder else phase for phase, folder in zip(plan.phases, chosen, strict=True)]
    plan = plan.with_phases(fitted)
    config, teacher = source.config, None
    if plan.distillation:
        from trainer.distillation.student import assumed_networks  # imports Keras, which takes seconds

        config, teacher = assumed_networks(plan, config)
    target = dataclasses.replace(_target(arguments), teacher=teacher)
    print_forecast(plan, config, source.name, chosen, target, console)
    if folders:
        there = [folder.instances(folder.train_split) if folder else None for folder in chosen]
        warn(doubts_about_phases(plan.phases, there), arguments.silence)
    return 0


def _target(arguments: argparse.Namespace) -> "Target":
    from beam_jobs.errors import UserError
    from trainer.commands.plan_forecast import Target
    from trainer.compilation.named_devices import named_devices
    from trainer.devices.gpu_memory import program_memory

    if arguments.devices < 0:
        raise UserError(f"--devices {arguments.devices} must not be negative; 0 means as many as here")
    if arguments.mfu is not None and not 0 < arguments.mfu <= 1:
        raise UserError(f"--mfu {arguments.mfu} must be a share above 0 and at most 1; 0.4 is usual")
    if arguments.device:
        device, count = named_devices(arguments.device, arguments.devices)
        return Target(device.name, count, program_memory(device), arguments.mfu or 0.0)
    from trainer.devices.plain_machine import is_plain_machine, machine_memory

    if is_plain_machine():
        count = arguments.devices or 1
        return Target("cpu", count, machine_memory(), arguments.mfu or 0.0)
    from trainer.devices.runtime import current_runtime

    runtime = current_runtime()
    count = arguments.devices or runtime.device_count
    return Target(runtime.device_kind, count, runtime.device_memory, arguments.mfu or 0.0)
