"""`beambert config show`: the settings of a job's command, and where each comes from, as a configuration file."""

import argparse
import dataclasses
import importlib
from collections.abc import Iterator, Sequence
from typing import Any

from beam_jobs.commands.config_file import BEAM, NO_CONFIG, beam_of_file
from beam_jobs.commands.job_settings import ENGINE_DEFAULTS, job_options, read_settings
from beam_jobs.console.commands import COMMANDS, Command
from beam_jobs.console.dispatch import parse_options
from beam_jobs.console.toml_text import toml_value
from beam_jobs.settings import EmbedSettings, InstanceSettings, SegmentSettings, VocabularySettings

DESCRIPTION = (
    "Print all settings that a job would have, as TOML for --config, and where each comes from: the command line, a line of "
    "the file, or the default. Write config show in front of the job's command; nothing is run."
)
EXAMPLES = """\
config show corpus --config corpus.toml --dupe_factor 3
config show corpus --input raw --output corpus --language nb > corpus.toml
"""

_SETTINGS: dict[str, tuple[type, ...]] = {
    "segment": (SegmentSettings,),
    "instances": (InstanceSettings,),
    "corpus": (SegmentSettings, InstanceSettings, VocabularySettings),
    "vocabulary": (VocabularySettings,),
    "embed": (EmbedSettings,),
}
_STAND_INS: dict[str, Any] = {"input": ("-",), "output": "-", "model": "-"}
"""For what a file may leave to the command line."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the job and its arguments."""
    parser.add_argument("job", choices=tuple(_SETTINGS), metavar="|".join(_SETTINGS), help="the job")
    parser.add_argument("settings", nargs=argparse.REMAINDER, metavar="TEXT", help="its settings: --config FILE, flags")


def run(options: argparse.Namespace) -> int:
    """Print the settings. Raises UserError if one of them is wrong."""
    (command,) = (command for command in COMMANDS if command.name == options.job)
    given = parse_options(command, importlib.import_module(command.module), options.settings, options.program)
    for line in shown_settings(command, given):
        print(line)
    return 0


def shown_settings(command: Command, given: argparse.Namespace) -> Iterator[str]:
    """The lines of a configuration file with all settings of a job, given its parsed command line."""
    options = job_options(given)
    defaults = _defaults(command.name, options)
    _check(command.name, options)
    yield f"# beambert {command.name} --config this file; paths are relative to the working directory"
    config = getattr(given, "config", NO_CONFIG)
    for name, default in {**defaults, **ENGINE_DEFAULTS}.items():
        if name in given:
            value, origin = getattr(given, name), "command line"
        elif name in config.values:
            value, origin = config.values[name], config.place(name)
        elif name in _STAND_INS:
            yield f"# {name} is not set"
            continue
        elif name in ENGINE_DEFAULTS and default == "":
            continue
        else:
            value, origin = default, "default"
        yield f"{name} = {toml_value(value)}  # {origin}"
    beam = beam_of_file(config, given.beam_arguments)
    if beam or given.beam_arguments:
        yield ""
        yield f"[{BEAM}]"
        for name, arguments in beam.items():
            yield from _beam_lines(arguments, config.place(BEAM, name))
        yield from _beam_lines(given.beam_arguments, "command line")


def _defaults(job: str, options: argparse.Namespace) -> dict[str, Any]:
    """The settings of a job that apply, with their defaults, in the order of `--help`."""
    found: dict[str, Any] = {}
    learned = job != "corpus" or "vocab_size" in options
    for settings_class in _SETTINGS[job]:
        for f in dataclasses.fields(settings_class):
            if learned or settings_class is not VocabularySettings or f.name in options:
                found.setdefault(f.name, f.default)
    if job == "corpus" and learned:  # the vocabulary that is learned stands in their place
        found = {name: value for name, value in found.items() if name not in ("model_class", "vocab_file")}
    return found


def _check(job: str, options: argparse.Namespace) -> None:
    stand_ins = {name: value for name, value in _STAND_INS.items() if name not in options}
    for settings_class in _SETTINGS[job]:
        names = {f.name for f in dataclasses.fields(settings_class)}
        read_settings(settings_class, options, **{name: stand_ins[name] for name in stand_ins if name in names})


def _beam_lines(arguments: Sequence[str], origin: str) -> Iterator[str]:
    """Options of Beam as keys of `[beam]`, several of one name as a list."""
    values: dict[str, list[Any]] = {}
    rest = list(arguments)
    while rest:
        name, equals, value = rest.pop(0).removeprefix("--").partition("=")
        if not equals and rest and not rest[0].startswith("--"):
            values.setdefault(name, []).append(rest.pop(0))
        else:
            values.setdefault(name, []).append(value if equals else True)
    for name, found in values.items():
        yield f"{name} = {toml_value(found[0] if len(found) == 1 else found)}  # {origin}"
