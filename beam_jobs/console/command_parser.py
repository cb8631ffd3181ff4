"""Parses command lines. A mistake in one is reported in a single line that names what was probably meant."""

import argparse
from collections.abc import Iterable, Iterator, Sequence

from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import UserError


class CommandParser(argparse.ArgumentParser):
    """An ArgumentParser that raises UserError instead of printing its usage and ending the process."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Raise UserError with the message and where to read more."""
        raise UserError(f"{message}; {self.prog} --help tells more")


def parse(parser: CommandParser, arguments: Sequence[str]) -> argparse.Namespace:
    """The parsed command line. Raises UserError for an unknown argument, with the flag that was probably meant."""
    require_values(parser, arguments)
    namespace, unknown = parser.parse_known_args(arguments)
    for action in _actions(parser, arguments):
        if getattr(namespace, action.dest, None) == "" and action.default != "":
            name = action.option_strings[0] if action.option_strings else action.metavar or action.dest
            raise UserError(f"{name} is empty; {parser.prog} --help tells more")
    if unknown:
        flags = [name for action in _actions(parser, arguments) for name in action.option_strings]
        refuse_unknown(unknown, flags)
    return namespace


def require_values(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> None:
    """Raise UserError for a flag whose value is `--`, which argparse turns into an empty list for any type."""
    for argument in arguments:
        if argument.endswith("=--"):
            raise UserError(f"{argument.removesuffix('=--')} has no value; {parser.prog} --help tells more")


def refuse_unknown(unknown: Sequence[str], flags: Iterable[str], otherwise: str = "--help lists what there is") -> None:
    """Raise UserError for unknown arguments, with the flag that was probably meant."""
    flag = unknown[0].partition("=")[0]
    known = [name for name in flags if name.startswith("--")]
    guess = did_you_mean(flag, known, before="; ") if flag.startswith("-") else ""
    raise UserError(f"unknown argument {' '.join(unknown)}{guess or f'; {otherwise}'}")


def _actions(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> Iterator[argparse.Action]:
    """The arguments of a parser and of those sub-commands that occur in the command line."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                if name in arguments:
                    yield from _actions(command, arguments)
