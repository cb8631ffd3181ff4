"""The script by which a shell completes `beambert`: its commands, their flags, and the values of these.

The script is static, so that a shell starts no Python at each tab; shtab writes it from the parsers of all commands.
"""

import argparse
import importlib
from collections.abc import Sequence

from beam_jobs.console.command_parser import CommandParser
from beam_jobs.console.commands import chosen_command, next_words

SHELLS = ("bash", "zsh", "fish")
_OF_FILES = ("DIR", "FILE", "PATH", "PAGE", "TEXT")
"""Words in the metavar of an argument that is a file or a folder."""


def completion_script(shell: str) -> str:
    """The script for one of `SHELLS`. Raises ModuleNotFoundError if shtab is not installed."""
    import shtab

    return str(shtab.complete(whole_parser(), shell))


def whole_parser() -> CommandParser:
    """One parser of all commands, each word of whose names is a parser below the one before."""
    parser = CommandParser(prog="beambert", allow_abbrev=False)
    _add_words(parser, ())
    return parser


def _add_words(parser: argparse.ArgumentParser, group: Sequence[str]) -> None:
    words = parser.add_subparsers()
    for word in next_words(group):
        name = (*group, word)
        command = chosen_command(name)
        help = command.help if command else f"{', '.join(next_words(name))}"
        below = words.add_parser(word, help=help, allow_abbrev=False)
        if command is None:
            _add_words(below, name)
        else:
            importlib.import_module(command.module).add_arguments(below)
            _mark_files(below)


def _mark_files(parser: argparse.ArgumentParser) -> None:
    """Tell shtab which arguments are files or folders."""
    import shtab

    for action in parser._actions:
        metavar = action.metavar if isinstance(action.metavar, str) else ""
        if action.nargs != 0 and not action.choices and any(word in metavar.split("|") for word in _OF_FILES):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
