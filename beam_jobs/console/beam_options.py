"""The names of the options of Apache Beam's runners, so that a mistyped one is noticed without loading Beam.

`beam_options.json` lists them for one version of Beam. `python -m beam_jobs.execution.beam_arguments` writes it, and a
test compares it with Beam itself.
"""

import argparse
import importlib.metadata
import json
from collections.abc import Sequence
from importlib.resources import files
from typing import NoReturn

from beam_jobs.errors import UserError


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message} (an option of Beam)")


def unknown_beam_arguments(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The arguments that Beam does not know, and all flags of Beam. For another version of Beam the first is empty.

    Values are not checked here, since Beam does that (`execution/beam_arguments.py`). Raises UserError for an option
    without its value.
    """
    if not arguments:
        return [], []
    known = json.loads((files("beam_jobs.console") / "beam_options.json").read_text(encoding="utf-8"))
    flags = [name for names in known["flags"].values() for name in names]
    if known["version"] != _installed():
        return [], flags
    parser = _Parser(add_help=False, allow_abbrev=False)
    for name in known["flags"]["with a value"]:
        parser.add_argument(name)
    for name in known["flags"]["with a value or none"]:
        parser.add_argument(name, nargs="?")
    for name in known["flags"]["without a value"]:
        parser.add_argument(name, action="store_true")
    return parser.parse_known_args(list(arguments))[1], flags


def _installed() -> str:
    try:
        return importlib.metadata.version("apache-beam")
    except importlib.metadata.PackageNotFoundError:
        return ""
