"""Reads `--config FILE`: settings of a job in TOML, under the names of its flags; what the command line gives wins.

Options of a Beam runner stand in a table `[beam]`. Paths mean what they mean on the command line: a relative one begins at
the working directory, not at the file.
"""

import argparse
import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from beam_jobs.console.beam_options import unknown_beam_arguments
from beam_jobs.console.nearest import did_you_mean
from beam_jobs.console.toml_text import KeyPath, as_kind, key_lines, parse_toml, unified_lines
from beam_jobs.errors import UserError

BEAM = "beam"

_HELP = (
    'settings in a TOML file, with the names of these flags (dupe_factor = 3, input = ["raw"]) and a table [beam] for '
    "options of the Beam runner; flags given here win, relative paths begin at the working directory. `config show` prints "
    "what results"
)


@dataclass(frozen=True)
class ConfigFile:
    """What a configuration file says."""

    path: str
    values: Mapping[str, Any]
    """The settings, under the names that they have as options."""
    beam: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The arguments for Beam that each key of `[beam]` stands for."""
    lines: Mapping[KeyPath, int] = field(default_factory=dict)

    def place(self, *key: str) -> str:
        """File and line of a key, as errors name it."""
        return f"{self.path}:{self.lines.get(key, 1)}"


NO_CONFIG = ConfigFile("", {})


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add `--config`. The file is checked against the flags of the parser while the command line is parsed."""
    parser.add_argument("--config", action=_ReadConfig, default=argparse.SUPPRESS, metavar="FILE", help=_HELP)


def merged_options(options: argparse.Namespace, defaults: Mapping[str, Any]) -> argparse.Namespace:
    """The options of a parsed command line, with what it leaves out taken from its configuration file, then from `defaults`.

    `config` of the result knows only of the settings that come from the file.
    """
    given = vars(options)
    config = given.get("config", NO_CONFIG)
    values = {name: value for name, value in config.values.items() if name not in given}
    beam = [argument for part in beam_of_file(config, options.beam_arguments).values() for argument in part]
    merged = {**defaults, **values, **given, "config": dataclasses.replace(config, values=values)}
    return argparse.Namespace(**{**merged, "beam_arguments": [*beam, *options.beam_arguments]})


def beam_of_file(config: ConfigFile, given: Sequence[str]) -> dict[str, Sequence[str]]:
    """What `[beam]` adds to the options for Beam that are `given` on the command line, which win."""
    names = {argument.partition("=")[0].lstrip("-") for argument in given if argument.startswith("--")}
    return {name: part for name, part in config.beam.items() if name not in names}


def read_config(path: str, parser: argparse.ArgumentParser) -> ConfigFile:
    """Read a configuration file.

    Raises:
        UserError: it cannot be read, is not TOML, or has a key or a value that is none of the flags of `parser`. The
            message tells the line.
    """
    from beam_jobs import storage

    try:
        text = unified_lines(storage.read_whole(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"--config {path}: cannot read the file ({error}); name a TOML file") from None
    content = parse_toml(text, path, "a configuration file")
    lines = key_lines(text)
    config = ConfigFile(path, {}, {}, lines)
    beam = content.pop(BEAM, {})
    flags = dict(_flags(parser))
    values: dict[str, Any] = {}
    for key, value in content.items():
        if key not in flags:
            raise UserError(f"{config.place(key)}: {_no_setting(key, flags, parser.prog)}")
        action = flags[key]
        if action.dest in values:
            raise UserError(f"{config.place(key)}: {key} is the same setting as {action.dest}; keep one of them")
        try:
            values[action.dest] = _value(action, value, key)
        except ValueError as error:
            raise UserError(f"{config.place(key)}: {error}") from None
        lines.setdefault((action.dest,), lines.get((key,), 1))
    return dataclasses.replace(config, values=values, beam=dict(_beam(beam, config)))


class _ReadConfig(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        if getattr(namespace, self.dest, None) is not None:
            raise UserError("--config is given twice; put all settings into one file")
        setattr(namespace, self.dest, read_config(values, parser))


def _flags(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    """What a file can set, by each of its names."""
    for name, action in parser._option_string_actions.items():
        if not isinstance(action, argparse._HelpAction | argparse._StoreFalseAction | _ReadConfig):
            yield name.lstrip("-"), action


def _no_setting(key: str, flags: Mapping[str, argparse.Action], program: str) -> str:
    job = program.rpartition(" ")[2]
    if f"--{key}" in unknown_beam_arguments(["--"])[1]:
        return f"{key} is an option of Beam: write it below a line [{BEAM}]"
    remedy = did_you_mean(key, flags, otherwise=f"{program} --help lists its settings")
    return f"{job} has no setting {key!r}: {remedy}"


def _value(action: argparse.Action, value: Any, key: str) -> Any:
    """A value of TOML for an argument of a parser. Raises ValueError, which says what it must be."""
    if isinstance(action, argparse._StoreTrueAction):
        return as_kind(bool, value, key)
    if action.nargs == "+":
        if isinstance(value, str):
            return [as_kind(str, value, key)]
        if not isinstance(value, list):
            raise ValueError(f"{key} = {value!r} must be a list of strings in quotes")
        return [as_kind(str, item, f"{key}[{number}]") for number, item in enumerate(value)]
    kind = action.type if isinstance(action.type, type) else str
    found = as_kind(kind, value, key)
    if action.choices is not None and found not in action.choices:
        choices = [str(choice) for choice in action.choices]
        guess = did_you_mean(str(found), choices, before="; ")
        raise ValueError(f"{key} = {found!r} is not one of {', '.join(choices)}{guess}")
    return found


def _beam(table: Any, config: ConfigFile) -> Iterator[tuple[str, Sequence[str]]]:
    if not isinstance(table, dict):
        raise UserError(f'{config.place(BEAM)}: {BEAM} must be a table: write [{BEAM}] and below it runner = "..."')
    for key, value in table.items():
        arguments = list(_beam_arguments(key, value))
        try:
            unknown, flags = unknown_beam_arguments(arguments or [f"--{key}"])
        except UserError as error:
            raise UserError(f"{config.place(BEAM, key)}: {error}") from None
        if unknown:
            names = [name.removeprefix("--") for name in flags if name.startswith("--")]
            guess = did_you_mean(key, names, otherwise="see the documentation of the runner")
            raise UserError(f"{config.place(BEAM, key)}: Beam has no option {key!r}: {guess}")
        yield key, arguments


def _beam_arguments(key: str, value: Any) -> Iterator[str]:
    """An option of Beam as arguments: a list gives it several times, true without a value, false not at all."""
    if isinstance(value, list):
        for item in value:
            yield from _beam_arguments(key, item)
    elif isinstance(value, dict):
        yield f"--{key}={json.dumps(value)}"
    elif value is True:
        yield f"--{key}"
    elif value is not False:
        yield f"--{key}={value}"
