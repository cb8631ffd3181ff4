"""`trainer plan list` and `trainer plan show`: what there is to train, and what it will do."""

import argparse
from typing import TYPE_CHECKING

from rich.console import Console

from trainer.commands.plan_arguments import add_plan_choices, chosen_plan
from trainer.plans.reading import plan_names, read_plan

if TYPE_CHECKING:
    from trainer.commands.plan_show import Target


TABLE_WIDTH = 110  # a narrower terminal wraps lines rather than lose columns
ASSUMED_PIECES = 30_000  # of a vocabulary that only the data could name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`list`, and `show` with a plan and the devices to look at it for."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="list|show")
    commands.add_parser("list", help="the plans that come with the package")
    show = commands.add_parser("show", help="what a plan will do, before it does it")
    show.add_argument("plan", metavar="NAME_OR_FILE")
    add_plan_choices(show)
    show.add_argument("--device", default="", help='look at it for "H100", "TPU v3 core", ...; default: what is here')
    show.add_argument("--devices", type=int, default=0, metavar="N", help="how many of them; default: as many as here")
    show.add_argument("--mfu", type=float, default=0.4, help="share of the devices' peak to reckon with (default: 0.4)")


def run(arguments: argparse.Namespace) -> int:
    """Print to the terminal."""
    console = Console(soft_wrap=True)
    console.width = max(console.width, TABLE_WIDTH)
    if arguments.action == "list":
        width = max(map(len, plan_names()))
        for name in plan_names():
            console.print(f"{name:{width}}  {read_plan(name).description}", highlight=False)
        return 0
    from trainer.commands.plan_show import show_plan
    from trainer.data.corpus_folder import find_folders, fit_phase, folder_for
    from trainer.run.model_source import model_source

    plan = chosen_plan(arguments)
    folders = find_folders(arguments.data)
    source = model_source(plan.model, folders, ASSUMED_PIECES)
    chosen = [folder_for(phase, folders) if folders else None for phase in plan.phases]
    fitted = [fit_phase(phase, folder) if folder else phase for phase, folder in zip(plan.phases, chosen, strict=True)]
    plan = plan.with_phases(fitted)
    show_plan(plan, source.config, source.name, chosen, _target(arguments), console)
    return 0


def _target(arguments: argparse.Namespace) -> "Target":
    from beam_jobs.errors import UserError
    from trainer.commands.plan_show import Target
    from trainer.devices.hardware import DEVICES, find_device

    if arguments.devices < 0:
        raise UserError(f"--devices {arguments.devices} must not be negative; 0 means as many as here")
    if not 0 < arguments.mfu <= 1:
        raise UserError(f"--mfu {arguments.mfu} must be a share above 0 and at most 1; 0.4 is usual")
    if arguments.device:
        device = find_device(arguments.device)
        if device is None:
            raise UserError(
                f"--device {arguments.device!r} is not known; there are {', '.join(d.name for d in DEVICES)}"
            )
        return Target(device.name, arguments.devices or 1, device.memory, arguments.mfu)
    from trainer.devices.runtime import current_runtime

    runtime = current_runtime()
    return Target(runtime.device_kind, arguments.devices or runtime.device_count, runtime.device_memory, arguments.mfu)
