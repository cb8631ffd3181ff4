"""Checks arguments for Beam with Beam's own parser, so that a mistake is one line, not a traceback or a silent default.

`python -m beam_jobs.execution.beam_arguments` writes the names of all options to `beam_jobs/console/beam_options.json`.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import apache_beam
from apache_beam.options.pipeline_options import PipelineOptions, _BeamArgumentParser

from beam_jobs import console
from beam_jobs.console.command_parser import refuse_unknown
from beam_jobs.engines.job_server_options import JobServerBatchOptions
from beam_jobs.errors import UserError

LIST = Path(console.__file__).with_name("beam_options.json")


class _BeamParser(_BeamArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message} (an option of Beam)")


def check_beam_arguments(arguments: Sequence[str]) -> None:
    """Raise UserError for an argument that Beam does not know, or a value that it does not take."""
    parser = _parser()
    unknown = parser.parse_known_args(list(arguments))[1]
    if unknown:
        refuse_unknown(unknown, _names(parser), "the arguments must be options of the Beam runner")


def list_of_options() -> dict[str, Any]:
    """The content of `beam_options.json` for the Beam that is installed."""
    kinds: dict[str, list[str]] = {"with a value": [], "with a value or none": [], "without a value": []}
    for action in _parser()._actions:
        kind = {None: "with a value", "?": "with a value or none", 0: "without a value"}[action.nargs]
        kinds[kind] += [name for name in action.option_strings if name not in ("-h", "--help")]
    flags = {kind: sorted(names) for kind, names in kinds.items()}
    return {"version": apache_beam.__version__, "flags": flags}


def _parser() -> argparse.ArgumentParser:
    """Every option of Beam."""
    parser = _BeamParser(allow_abbrev=False)
    known: set[Any] = {PipelineOptions, JobServerBatchOptions, *PipelineOptions.__subclasses__()}
    for options_class in known:
        if "_add_argparse_args" in options_class.__dict__:
            options_class._add_argparse_args(parser)
    return parser


def _names(parser: argparse.ArgumentParser) -> list[str]:
    return [name for action in parser._actions for name in action.option_strings]


if __name__ == "__main__":
    LIST.write_text(json.dumps(list_of_options(), indent=1) + "\n", encoding="utf-8")
