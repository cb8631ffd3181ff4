"""The warnings that a careful colleague would give. Each has a name, by which `--silence` turns it off."""

import sys
from collections.abc import Collection, Iterable
from typing import NamedTuple

from beam_jobs.console.nearest import did_you_mean

WARNINGS = (
    "language_rules",
    "one_source",
    "empty_split",
    "unknown_words",
    "pieces_per_word",
    "predictions",
    "unknown_pieces",
    "padding",
    "labels",
    "epochs",
)
"""All names, in the order in which the commands may give them."""


class Warned(NamedTuple):
    """What is doubtful, with its remedy, and the name of the warning."""

    name: str
    text: str


def warn(warnings: Iterable[Warned], silenced: Collection[str] = ()) -> None:
    """Print each warning that is not silenced as a line on standard error."""
    for warning in warnings:
        if warning.name not in silenced:
            print(f"beambert: warning: {warning.text} (--silence {warning.name} for none)", file=sys.stderr, flush=True)


def silence_problem(names: Iterable[str]) -> str:
    """What is wrong with names for `--silence`; empty if all are warnings."""
    for name in names:
        if name not in WARNINGS:
            return f"{name!r} is no warning; they are {', '.join(WARNINGS)}{did_you_mean(name, WARNINGS, before='; ')}"
    return ""
