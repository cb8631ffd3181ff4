"""Parses command lines. A mistake in one is reported in a single line that names what was probably meant."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import UserError


class CommandParser(argparse.ArgumentParser):
    """An ArgumentParser that raises UserError instead of printing its usage and ending the process."""

    def error(self, message: str) -> NoReturn:
        """Raise UserError with the message and where to read more."""
        raise UserError(f"{message}; {self.prog} --help tells more")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            choices = [str(choice) for choice in action.choices]
            guess = did_you_mean(str(value), choices, before="; ")
            raise argparse.ArgumentError(action, f"{value!r} is not one of {', '.join(choices)}{guess}")

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As in `ArgumentParser`, but `--name true` and `--name false` of old commands are read as switches."""
        given = list(sys.argv[1:] if args is None else args)
        for name in getattr(self, "_old_values", ()):
            given = _as_switches(given, name)
        return super().parse_known_args(given, namespace)

    def take_old_values(self, name: str) -> None:
        """Let `--name true` and `--name false`, the old form, mean `--name` and `--no-name`."""
        self._old_values = (*getattr(self, "_old_values", ()), name)

    def flags(self) -> list[str]:
        """The flags that `--help` shows."""
        shown = (action for action in self._actions if action.help != argparse.SUPPRESS)
        return [name for action in shown for name in action.option_strings]


def add_switch(
    parser: argparse.ArgumentParser | argparse._ArgumentGroup,
    name: str,
    help: str,
    *,
    default: bool | None = False,
    help_of_no: str = "",
    left_out: bool = False,
) -> None:
    """Add `--name` and `--no-name`. `--help` shows the one that differs from the default.

    The old spellings `--noname` and `--no_name` are accepted too.

    Args:
        parser: the parser, or a group of it.
        name: without dashes. The value will be in `options.name`.
        help: what the shown flag does: `--name`, or `--no-name` if the default is True.
        default: the value without either flag. If it is None, both are shown.
        help_of_no: what `--no-name` does, if both are shown.
        left_out: whether the options have no entry `name` if neither flag is given.
    """
    hidden = argparse.SUPPRESS
    on, off = (hidden, help) if default else (help, help_of_no or hidden)
    arguments: dict[str, Any] = {"dest": name, "default": argparse.SUPPRESS if left_out else default}
    parser.add_argument(f"--{name}", action="store_true", help=on, **arguments)
    parser.add_argument(f"--no-{name}", action="store_false", help=off, **arguments)
    parser.add_argument(f"--no_{name}", f"--no{name}", action="store_false", help=hidden, **arguments)


def _as_switches(arguments: Sequence[str], name: str) -> list[str]:
    meaning = {"true": f"--{name}", "false": f"--no-{name}"}
    result: list[str] = []
    for argument in arguments:
        flag, equals, value = argument.partition("=")
        if flag == f"--{name}" and equals and value in meaning:
            result.append(meaning[value])
        elif result[-1:] == [f"--{name}"] and argument in meaning:
            result[-1] = meaning[argument]
        else:
            result.append(argument)
    return result


def require_values(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> None:
    """Raise UserError for a flag whose value is `--`, which argparse turns into an empty list for any type."""
    for argument in arguments:
        if argument.endswith("=--"):
            raise UserError(f"{argument.removesuffix('=--')} has no value; {parser.prog} --help tells more")


def refuse_empty(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Raise UserError for an argument that was given as "", unless that is its default, or its command checks it."""
    for action in parser._actions:
        if getattr(options, action.dest, None) == "" and action.default not in ("", argparse.SUPPRESS):
            name = action.option_strings[0] if action.option_strings else action.metavar or action.dest
            raise UserError(f"{name} is empty; {parser.prog} --help tells more")


def refuse_unknown(unknown: Sequence[str], flags: Iterable[str], otherwise: str = "--help lists what there is") -> None:
    """Raise UserError for unknown arguments, with the flag that was probably meant."""
    flag = unknown[0].partition("=")[0]
    known = [name for name in flags if name.startswith("--")]
    guess = did_you_mean(flag, known, before="; ") if flag.startswith("-") else ""
    raise UserError(f"unknown argument {' '.join(unknown)}{guess or f'; {otherwise}'}")
