"""Finds and parses the command that a command line chooses, for all commands of the jobs, trainer and vocab."""

import argparse
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from beam_jobs.console.beam_options import unknown_beam_arguments
from beam_jobs.console.command_parser import CommandParser, refuse_empty, refuse_unknown, require_values
from beam_jobs.console.commands import COMMANDS, Command, chosen_command, commands_below, group_of, next_words
from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import UserError

_HELP = ("help", "-h", "--help")
_BEAM_NOTE = """
Runs on all cores of this machine, or where --engine says. Any option of an Apache Beam runner may follow, for example
  --engine flink --flink_master=localhost:8081
Running the same command again after an interruption goes on where it stopped and ends with the same bytes."""
_OURS = ("beam_jobs", "trainer", "vocab")


@dataclass(frozen=True)
class Call:
    """A command with its parsed arguments; `run()` runs it and returns its exit status."""

    command: Command
    run: Callable[[], int]


def find_call(arguments: Sequence[str], program: str) -> Call | None:
    """The command that a command line chooses, ready to run; None if it asked for a list of commands, which is printed.

    Nothing that the command needs for its work is loaded yet.

    Args:
        arguments: the whole command line, such as ["vocab", "lint", "--vocab_file", "vocab.txt"].
        program: how the user called us, "beambert" or "./run.sh"; for `--help` and messages.

    Raises:
        UserError: there is no such command, flag or value; the message names the nearest.
        SystemExit: `--help` of a command was asked for and printed.
    """
    if arguments[:1] == ["train"]:  # the other name of the group
        arguments = ["trainer", *arguments[1:]]
    command = chosen_command(arguments)
    if command is None:
        _answer_without_command(arguments, program)
        return None
    module = importlib.import_module(command.module)
    options = parse_options(command, module, arguments[len(command.words) :], program)
    return Call(command, lambda: _run(module, options))


def parse_options(command: Command, module: ModuleType, arguments: Sequence[str], program: str) -> argparse.Namespace:
    """The options of a command, from what follows its name. Raises UserError for a mistake, as `find_call` does."""
    parser = command_parser(command, module, program)
    return _parse(parser, command, arguments, getattr(module, "ELSEWHERE", {}))


def command_parser(command: Command, module: ModuleType, program: str) -> CommandParser:
    """The parser of one command, from its module."""
    example = "example" if module.EXAMPLES.count("\n") <= 1 else "examples"
    examples = "".join(f"  {program} {line}\n" for line in module.EXAMPLES.splitlines())
    parser = CommandParser(
        prog=f"{program} {command.name}",
        description=module.DESCRIPTION,
        epilog=f"{example}:\n{examples}" + (_BEAM_NOTE if command.takes_beam_options else ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,  # an abbreviation of our flags could capture a flag of Beam
    )
    module.add_arguments(parser)
    return parser


def list_of_commands(group: Sequence[str], program: str) -> str:
    """The commands whose names begin with these words, one per line."""
    title = " ".join([program, *group])
    lines = [f"usage: {title} COMMAND [settings]     {title} COMMAND --help shows its settings", ""]
    width = max(len(command.name) for command in commands_below(group)) + 2
    lines += [f"  {command.name:<{width}}{command.help}" for command in commands_below(group)]
    return "\n".join(lines)


def _answer_without_command(arguments: Sequence[str], program: str) -> None:
    """Print the list of commands if it is asked for.

    Otherwise raise UserError, with the word that was probably meant.
    """
    group = group_of(arguments)
    rest = list(arguments[len(group) :])
    title, words = " ".join([program, *group]), next_words(group)
    if (not group and not rest) or rest[:1] in ([word] for word in _HELP):
        print(list_of_commands(group, program))
        return
    if not rest:
        raise UserError(f"{' '.join(group)} needs a command: {', '.join(words)}; {title} --help tells more")
    if rest[0].startswith("-"):
        refuse_unknown(rest[:1], ["--help"], f"{title} --help lists the commands")
    elsewhere = [command.name for command in COMMANDS if command.words[-1] == rest[0]]
    guess = f"; did you mean {elsewhere[0]}?" if elsewhere else did_you_mean(rest[0], words, before="; ")
    raise UserError(f"there is no command {' '.join([*group, rest[0]])!r}{guess}; there are {', '.join(words)}")


def _parse(
    parser: CommandParser, command: Command, arguments: Sequence[str], elsewhere: Mapping[str, str]
) -> argparse.Namespace:
    require_values(parser, arguments)
    options, rest = parser.parse_known_args(arguments)
    refuse_empty(parser, options)
    options.program, options.beam_arguments = parser.prog.removesuffix(f" {command.name}"), rest
    if command.takes_beam_options:
        unknown, flags = unknown_beam_arguments(rest)
        otherwise = "--help lists the settings, the rest must be options of the Beam runner"
    else:
        unknown, flags, otherwise = rest, [], "--help lists what there is"
    if unknown:
        flag = unknown[0].partition("=")[0]
        if remedy := elsewhere.get(flag if flag.startswith("-") else ""):
            raise UserError(f"unknown argument {' '.join(unknown)}: {remedy}")
        refuse_unknown(unknown, [*parser.flags(), *flags], otherwise)
    return options


def _run(module: ModuleType, options: argparse.Namespace) -> int:
    try:
        return int(module.run(options))
    except ModuleNotFoundError as error:
        package = (error.name or "").split(".")[0]
        if not package or package in _OURS:
            raise
        extra = "[trainer]" if module.__name__.startswith("trainer.") else ""
        where = f"pip install 'beambert{extra}'" + (", or use ./run.sh" if Path("run.sh").exists() else "")
        raise UserError(f"{package} is not installed, and this command needs it: {where}") from error
