"""`python -m trainer <command>`: pretrain, plan, and what makes a trained model useful."""

import argparse
import contextlib
import errno
import importlib
import io
import logging
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from beam_jobs.console.command_parser import CommandParser, parse
from beam_jobs.console.interruption import leave_at_once
from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import UserError
from trainer.backend import device_problem, require_backend

COMMANDS = {
    "pretrain": "train a plan on instance records; the same command continues",
    "plan": "list the plans, or show what one will do",
    "export": "a run or a checkpoint as a Hugging Face folder, a Model Garden checkpoint or a SavedModel",
    "fill_mask": "show an exported model at work",
}

_FULL = (errno.ENOSPC, errno.EDQUOT)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 2 for a user's mistake, told in one line."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    chosen = arguments[0] if arguments and arguments[0] in COMMANDS else ""
    name = f"trainer {chosen}".rstrip()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(
            errors="backslashreplace"
        )  # pieces and names that a terminal's encoding has no letters for
    try:
        namespace = _parse(arguments, chosen)
        require_backend()
        _log_to_stderr()
        status = int(importlib.import_module(f"trainer.commands.{namespace.command}").run(namespace))
        sys.stdout.flush()
        return status
    except UserError as error:
        return _tell(name, str(error))
    except BrokenPipeError:  # whoever reads what is printed has had enough: | head
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
        problem = device_problem()  # whatever touched a device first failed in a way of its own
        if not problem:
            raise
        return _tell(name, problem)


def _parse(arguments: Sequence[str], chosen: str) -> argparse.Namespace:
    parser = CommandParser(prog="trainer", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="|".join(COMMANDS))
    for name, help in COMMANDS.items():
        command = commands.add_parser(name, help=help, description=help, allow_abbrev=False)
        if name == chosen:
            importlib.import_module(f"trainer.commands.{name}").add_arguments(command)
    if arguments and not chosen and not arguments[0].startswith("-"):
        guess = did_you_mean(arguments[0], COMMANDS, otherwise=f"there are {', '.join(COMMANDS)}")
        raise UserError(f"there is no command {arguments[0]!r}; {guess}")
    return parse(parser, arguments)


def _tell(name: str, problem: str) -> int:
    """One line, whatever a file name or a library's message may hold; the exit status."""
    line = "".join(character if character.isprintable() else " " for character in problem)
    print(f"{name}: error: {line}", file=sys.stderr)
    return 2


def _print_no_more() -> None:
    """Let nothing more be written to standard output, not by the interpreter at its end either."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("trainer")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False


def run_command() -> NoReturn:
    """Run the command of this process's arguments, and end the process with its status.

    Ctrl-C, SIGTERM and a closing terminal end it at once with one line, until `pretrain` has something to save.
    """
    command = sys.argv[1] if len(sys.argv) > 1 and sys.argv[1] in COMMANDS else ""
    rest = "goes on" if command == "pretrain" else "begins again"
    leave_at_once(f"{f'trainer {command}'.rstrip()}: interrupted; the same command {rest}")
    sys.exit(main())


if __name__ == "__main__":
    run_command()
