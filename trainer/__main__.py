"""`python -m trainer <command>`: pretrain, plan, and what makes a trained model useful."""

import argparse
import importlib
import logging
import sys
from collections.abc import Sequence

from vocab.errors import UserError

COMMANDS = {
    "pretrain": "train a plan on instance records; the same command continues",
    "plan": "list the plans, or show what one will do",
    "export": "a run or a checkpoint as a Hugging Face folder, a Model Garden checkpoint or a SavedModel",
    "fill_mask": "show an exported model at work",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 2 for a user's mistake, told in one line."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="trainer", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="|".join(COMMANDS))
    chosen = arguments[0] if arguments and arguments[0] in COMMANDS else ""
    for name, help in COMMANDS.items():
        command = commands.add_parser(name, help=help, description=help, allow_abbrev=False)
        if name == chosen:
            importlib.import_module(f"trainer.commands.{name}").add_arguments(command)
    namespace = parser.parse_args(arguments)
    _log_to_stderr()
    try:
        return int(importlib.import_module(f"trainer.commands.{namespace.command}").run(namespace))
    except UserError as error:
        print(f"trainer {namespace.command}: {error}", file=sys.stderr)
        return 2


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("trainer")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False


if __name__ == "__main__":
    sys.exit(main())
