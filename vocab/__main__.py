"""`python -m vocab lint | fetch`: the commands `vocab lint` and `vocab fetch`, which are named in `beam_jobs/console/commands.py`."""

from collections.abc import Sequence

from beam_jobs.console.command_process import run_as_process
from beam_jobs.console.dispatch import find_call
from beam_jobs.console.interruption import BEGINS_AGAIN


def main(arguments: Sequence[str]) -> int:
    """Run a command; its exit status: 1 when a vocabulary has errors. Raises UserError for a user's mistake."""
    call = find_call(["vocab", *arguments], "./run.sh")
    return call.run() if call else 0


if __name__ == "__main__":
    run_as_process(main, BEGINS_AGAIN)
