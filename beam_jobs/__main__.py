"""`python -m beam_jobs COMMAND`, which `./run.sh COMMAND` runs: the front of the jobs; the table of commands is `console/commands.py`."""

import logging
import sys
from collections.abc import Sequence

from beam_jobs.console.command_process import run_as_process
from beam_jobs.console.commands import chosen_command
from beam_jobs.console.dispatch import find_call
from beam_jobs.console.interruption import BEGINS_AGAIN
from beam_jobs.errors import UserError


def main(arguments: Sequence[str], program: str = "./run.sh") -> int:
    """Run the command that the first arguments name; the exit status: 2 for a user's mistake, told in one line."""
    logging.basicConfig(format="beambert: warning: %(message)s")  # before Beam does it; less than warnings is not shown
    # Beam's import says so to everybody without the [gcp] extra, whether or not BigQuery is asked for.
    logging.getLogger().addFilter(lambda record: "apitools not found" not in str(record.msg))
    try:
        call = find_call(arguments, program)
        return call.run() if call else 0
    except UserError as error:
        print(f"beambert: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(_interrupted(arguments), file=sys.stderr)
        return 130


def _interrupted(arguments: Sequence[str]) -> str:
    command = chosen_command(arguments)
    goes_on = command is not None and command.goes_on
    return "beambert: interrupted; the same command goes on from here" if goes_on else BEGINS_AGAIN


def _warn_in_lines() -> None:
    """Let what our modules log reach the user in the form of every other warning, once."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("beambert: warning: %(message)s"))
    logger = logging.getLogger("beam_jobs")
    logger.addHandler(handler)
    logger.propagate = False


def run_command(program: str = "./run.sh") -> None:
    """Run the command of this process's arguments, and end the process with its status."""

    def main_of_process(arguments: Sequence[str]) -> int:
        _warn_in_lines()  # only now: its handler keeps the standard error that it finds
        return main(arguments, program)

    run_as_process(main_of_process, _interrupted(sys.argv[1:]))


if __name__ == "__main__":
    run_command()
