"""`beambert trainer plan list`: lists the plans that come with the trainer."""

import argparse

DESCRIPTION = "List the plans that come with the trainer."
EXAMPLES = """\
trainer plan list
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none."""


def run(options: argparse.Namespace) -> int:
    """Print a line for each plan."""
    from trainer.plans.reading import plan_names, read_plan

    width = max(map(len, plan_names()))
    for name in plan_names():
        print(f"{name:{width}}  {read_plan(name).description}")
    return 0
