"""`python -m beam_jobs COMMAND`, which `./run.sh COMMAND` runs. The commands are listed in `console/commands.py`."""

import contextlib
import logging
import sys
from collections.abc import Sequence

from beam_jobs.console.command_process import run_as_process
from beam_jobs.console.commands import chosen_command
from beam_jobs.console.dispatch import find_call
from beam_jobs.console.interruption import BEGINS_AGAIN
from beam_jobs.engines.lean_beam import MISSED, load_beam_lean
from beam_jobs.errors import UserError


def main(arguments: Sequence[str], program: str = "./run.sh") -> int:
    """Run the command that the first arguments name.

    Returns the exit status; 2 for a user's mistake, told in one line.
    """
    logging.basicConfig(format="beambert: warning: %(message)s")  # before Beam does it; shows warnings, not infos
    # Beam logs this on import about packages that are missing, even if they are not used.
    for handler in logging.getLogger().handlers:  # a filter of the logger would not see what Beam's loggers pass on
        handler.addFilter(lambda record: not str(record.msg).startswith(MISSED))
    try:
        call = find_call(arguments, program)
        return call.run() if call else 0
    except UserError as error:
        with contextlib.suppress(UserError, OSError):  # where both go to one file, what was printed before comes first
            sys.stdout.flush()
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
    """Print what our modules log once, in the form of all other warnings."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("beambert: warning: %(message)s"))
    logger = logging.getLogger("beam_jobs")
    logger.addHandler(handler)
    logger.propagate = False


def run_command(program: str = "./run.sh") -> None:
    """Run the command in the arguments of this process, and end the process with its status."""

    def main_of_process(arguments: Sequence[str]) -> int:
        load_beam_lean(arguments)
        _warn_in_lines()  # not earlier, because its handler keeps the current standard error
        return main(arguments, program)

    run_as_process(main_of_process, _interrupted(sys.argv[1:]))


if __name__ == "__main__":
    run_command()
