"""Command lines from settings: every dataclass field is a flag, what is left over belongs to Beam."""

import argparse
import dataclasses
from collections.abc import Sequence
from typing import Any, TypeVar

from beam_jobs.console.command_parser import CommandParser, refuse_unknown, require_values
from beam_jobs.errors import UserError
from beam_jobs.settings import InstanceSettings, SegmentSettings, VocabularySettings

S = TypeVar("S", SegmentSettings, InstanceSettings, VocabularySettings)


def settings_parser(settings_class: type, program: str, description: str, epilog: str = "") -> argparse.ArgumentParser:
    """A parser with one flag per field of `settings_class`; flags that are not given stay out of the namespace."""
    parser = CommandParser(
        prog=program,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,  # an abbreviation of ours could swallow a flag of Beam's
    )
    add_settings(parser, settings_class)
    return parser


def add_settings(parser: argparse.ArgumentParser, settings_class: type) -> None:
    """Add the flags of one settings class; a flag that another class has added already is shared with it."""
    known = parser._option_string_actions
    for f in dataclasses.fields(settings_class):
        if f"--{f.name}" in known:
            continue
        names = [f"--{name}" for name in (f.name, *f.metadata["other_names"])]
        arguments: dict[str, Any] = {"dest": f.name, "default": argparse.SUPPRESS}
        if isinstance(f.default, bool):
            state = "on" if f.default else "off"
            parser.add_argument(
                *names, action="store_true", help=f"{f.metadata['help']} (default: {state})", **arguments
            )
            parser.add_argument(f"--no{f.name}", action="store_false", help=argparse.SUPPRESS, **arguments)
        elif isinstance(f.default, tuple):
            parser.add_argument(
                *names, nargs="+", action="extend", metavar=f.metadata["metavar"], help=f.metadata["help"], **arguments
            )
        else:
            shown = "" if f.default == "" else f" (default: {f.default})"
            parser.add_argument(
                *names,
                type=type(f.default),
                metavar=f.metadata["metavar"],
                help=f.metadata["help"] + shown,
                **arguments,
            )


def read_settings(settings_class: type[S], namespace: argparse.Namespace, **changes: Any) -> S:
    """The settings that a parsed command line names, checked; `changes` override what it says."""
    known = {f.name for f in dataclasses.fields(settings_class)}
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in vars(namespace).items()}
    settings = settings_class(**{name: value for name, value in {**given, **changes}.items() if name in known})
    settings.validate()
    return settings


def split_beam_arguments(
    parser: argparse.ArgumentParser, arguments: Sequence[str]
) -> tuple[argparse.Namespace, list[str]]:
    """Our own settings, and the arguments that Beam's runner understands; anything else is a usage error."""
    require_values(parser, arguments)
    namespace, rest = parser.parse_known_args(arguments)
    if rest:
        beam = _beam_parser()
        unknown = beam.parse_known_args(rest)[1]
        if unknown:
            flags = [name for known in (parser, beam) for action in known._actions for name in action.option_strings]
            refuse_unknown(unknown, flags, "--help lists the settings, the rest must be options of the Beam runner")
    return namespace, rest


def _beam_parser() -> argparse.ArgumentParser:
    """Every option of Beam; a value that it does not take is a UserError."""
    from apache_beam.options.pipeline_options import PipelineOptions, _BeamArgumentParser

    class BeamParser(_BeamArgumentParser):
        def error(self, message: str) -> None:  # type: ignore[override]
            raise UserError(f"{message} (an option of Beam)")

    parser = BeamParser(allow_abbrev=False)
    known: set[Any] = {PipelineOptions, *PipelineOptions.__subclasses__()}
    for options_class in known:
        if "_add_argparse_args" in options_class.__dict__:
            options_class._add_argparse_args(parser)
    return parser
