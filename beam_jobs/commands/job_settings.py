"""Makes flags from settings, one for each field of a job's dataclass, and settings from a command line and its `--config`."""

import argparse
import dataclasses
from typing import Any, TypeVar

from beam_jobs.commands.config_file import NO_CONFIG, add_config, merged_options
from beam_jobs.console.command_parser import add_switch
from beam_jobs.engines.arguments import PAGE, RUNNERS, engine_arguments
from beam_jobs.errors import UserError
from beam_jobs.settings import EmbedSettings, InstanceSettings, SegmentSettings, VocabularySettings

S = TypeVar("S", SegmentSettings, InstanceSettings, VocabularySettings, EmbedSettings)

ENGINE_DEFAULTS: dict[str, Any] = {"engine": "", "dry_run": False, "estimate": True, "prices": ""}
"""What every job has beside its settings, as it is if neither the command line nor the configuration file says it."""


def add_settings(parser: argparse.ArgumentParser, settings_class: type) -> None:
    """Add the flags of one settings class. A flag that another class has added already is shared.

    Flags that are not given do not appear in the namespace.
    """
    known = parser._option_string_actions
    for f in dataclasses.fields(settings_class):
        if f"--{f.name}" in known:
            continue
        help = f.metadata["help"]
        if isinstance(f.default, bool):
            add_switch(parser, f.name, help, default=f.default, left_out=True)
            continue
        names = [f"--{name}" for name in (f.name, *f.metadata["other_names"])]
        arguments: dict[str, Any] = {"dest": f.name, "default": argparse.SUPPRESS, "metavar": f.metadata["metavar"]}
        if isinstance(f.default, tuple):
            parser.add_argument(*names, nargs="+", action="extend", help=help, **arguments)
        else:
            shown = "" if f.default == "" else f" (default: {f.default})"
            parser.add_argument(*names, type=type(f.default), help=help + shown, **arguments)


def add_engine(parser: argparse.ArgumentParser) -> None:
    """Add what every job has beside its settings: `--config`, `--engine`, and what is shown before the job begins.

    As with the settings, what is not given does not appear in the namespace; `job_options` adds it.
    """
    add_config(parser)
    parser.add_argument(
        "--engine",
        choices=tuple(RUNNERS),
        metavar="|".join(RUNNERS),
        default=argparse.SUPPRESS,
        help=f"what runs the job, with options of its own, see {PAGE} (default: local)",
    )
    add_switch(
        parser,
        "dry_run",
        "write and submit nothing: check the options, and show the plan, an estimate of instances, bytes, core-hours, "
        "requests and money from a sample of the input, and the steps of the pipeline",
        left_out=True,
    )
    add_switch(
        parser,
        "estimate",
        "do not read a sample and estimate before the job goes to a remote engine, or in a dry run",
        default=True,
        left_out=True,
    )
    parser.add_argument(
        "--prices",
        default=argparse.SUPPRESS,
        metavar="FILE",
        help="prices for the estimate, as in beam_jobs/estimates/prices.json, whose date and region are shown; none: no money",
    )


def job_options(options: argparse.Namespace) -> argparse.Namespace:
    """All options of a job: those of its command line, then those of its `--config`, then what is usual."""
    return merged_options(options, ENGINE_DEFAULTS)


def beam_arguments(options: argparse.Namespace) -> list[str]:
    """The options for Beam of a parsed command line, those that its `--engine` needs before the user's.

    Raises:
        UserError: the engine needs to be told more.
    """
    engine = getattr(options, "engine", "")
    return engine_arguments(engine, options.beam_arguments) if engine else options.beam_arguments


def read_settings(settings_class: type[S], namespace: argparse.Namespace, **changes: Any) -> S:
    """The settings of the options of a job, checked. `changes` override them.

    Raises:
        UserError: a setting is wrong. The message names its flag, or its line in the configuration file.
    """
    known = {f.name for f in dataclasses.fields(settings_class)}
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in vars(namespace).items()}
    settings = settings_class(**{name: value for name, value in {**given, **changes}.items() if name in known})
    config = getattr(namespace, "config", NO_CONFIG)
    for name, problem in settings.problems():
        from_file = name in config.values and name not in changes
        raise UserError(f"{config.place(name)}: {name} {problem}" if from_file else f"--{name} {problem}")
    return settings
