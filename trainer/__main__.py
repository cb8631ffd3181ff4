"""`python -m trainer COMMAND`, which `./run.sh trainer COMMAND` runs. See `beam_jobs/console/commands.py`."""

import contextlib
import errno
import io
import logging
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from beam_jobs.console.commands import chosen_command, next_words
from beam_jobs.console.dispatch import find_call
from beam_jobs.console.interruption import leave_at_once
from beam_jobs.errors import UserError
from trainer.backend import device_problem, require_backend

_FULL = (errno.ENOSPC, errno.EDQUOT)


def main(argv: Sequence[str] | None = None, program: str = "./run.sh") -> int:
    """Run one command. Returns the exit status; 2 for a user's mistake, told in one line."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = _name(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(
            errors="backslashreplace"
        )  # pieces and names that a terminal's encoding has no letters for
    try:
        call = find_call(["trainer", *arguments], program)
        if call is None:
            return 0
        require_backend()
        _log_to_stderr()
        status = call.run()
        sys.stdout.flush()
        return status
    except UserError as error:
        return _tell(name, str(error))
    except BrokenPipeError:  # the reader of the output has ended, as in | head
        _print_no_more()
        return 128 + signal.SIGPIPE
    except OSError as error:
        if error.filename is None and error.errno in _FULL:
            _print_no_more()
            return _tell(name, f"{error.strerror}; make room, or write to another place")
        if error.filename is None:
            raise
        return _tell(name, f"{error.filename}: {error.strerror}; name another place, or mend this one")
    except Exception:
        problem = device_problem()  # the first use of a device can fail with any exception
        if not problem:
            raise
        return _tell(name, problem)


def _name(arguments: Sequence[str]) -> str:
    """The name of the command for messages: "trainer pretrain", or "trainer" if there is no such command."""
    chosen = arguments[0] if arguments and arguments[0] in next_words(("trainer",)) else ""
    return f"trainer {chosen}".rstrip()


def _tell(name: str, problem: str) -> int:
    """Print a problem as one line, even if a file name or a library's message has line ends.

    Returns the exit status.
    """
    with contextlib.suppress(OSError, ValueError):  # where both go to one file, what was printed before comes first
        sys.stdout.flush()
    line = "".join(character if character.isprintable() else " " for character in problem)
    print(f"{name}: error: {line}", file=sys.stderr)
    return 2


def _print_no_more() -> None:
    """Discard everything that is still written to standard output, also by the interpreter at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("trainer")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False


def run_command(program: str = "./run.sh") -> NoReturn:
    """Run the command in the arguments of this process, and end the process with its status.

    Ctrl-C, SIGTERM and a closing terminal end it at once with one line, until `pretrain` has something to save.
    """
    arguments = sys.argv[2:] if program == "beambert" else sys.argv[1:]
    command = chosen_command(["trainer", *arguments])
    rest = "goes on" if command is not None and command.goes_on else "begins again"
    leave_at_once(f"{_name(arguments)}: interrupted; the same command {rest}")
    sys.exit(main(arguments, program))


if __name__ == "__main__":
    run_command()
