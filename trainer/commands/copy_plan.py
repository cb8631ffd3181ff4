"""`beambert trainer plan copy`: copies a plan with its comments into a file of yours, to edit."""

import argparse

from beam_jobs import storage
from beam_jobs.errors import UserError

DESCRIPTION = "Copy a plan, with its comments, into a file to edit. `--plan FILE` then trains by it."
EXAMPLES = """\
trainer plan copy notram_mbert my_plan.toml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the plan and the file."""
    parser.add_argument("plan", metavar="NAME|FILE", help="see `trainer plan list`; or a .toml file")
    parser.add_argument("file", metavar="FILE", help="to write; it must not exist, and end in .toml")


def run(arguments: argparse.Namespace) -> int:
    """Write the file."""
    from trainer.plans.reading import plan_text, read_plan

    if not arguments.file.endswith(".toml"):
        raise UserError(f"{arguments.file}: name a file that ends in .toml, so that --plan knows it as one")
    if storage.exists(arguments.file):
        raise UserError(f"{arguments.file}: is there already; name another, or remove it")
    read_plan(arguments.plan)
    storage.write_atomically(arguments.file, plan_text(arguments.plan)[0].encode())
    print(f"{arguments.file}: written; edit it, then: trainer plan show {arguments.file}")
    return 0
