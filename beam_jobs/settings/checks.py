"""Checks of settings that several jobs have, for their `problems()`."""

import dataclasses
from typing import TYPE_CHECKING

from beam_jobs.console.nearest import did_you_mean
from beam_jobs.console.warnings import silence_problem
from beam_jobs.errors import Problems
from beam_jobs.settings.kinds import kind_problems

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def common_problems(settings: "DataclassInstance", input: tuple[str, ...], output: str) -> Problems:
    """The checks for the settings of every job. The other checks rely on these."""
    yield from kind_problems(settings)
    yield from input_and_output_problems(input, output)
    yield from choice_problems(settings)


def input_and_output_problems(input: tuple[str, ...], output: str) -> Problems:
    """Input and output must be given, and must be paths."""
    if not input:
        yield "input", "is missing: name a file, a folder or a glob to read"
    if not all(path.strip() for path in input):
        yield "input", "is empty: name a file, a folder or a glob to read"
    if any("\0" in path for path in (*input, output)):
        yield "input", "or --output is a path that holds a zero byte; name another"
    if not output:
        yield "output", "is missing: name the folder to write to"


def shard_size_problems(shard_mb: float) -> Problems:
    """A shard must hold between a byte and a terabyte."""
    if not 1e-6 <= shard_mb <= 1e6:
        yield (
            "shard_mb",
            f"{shard_mb} must be above 0: a size from one byte (0.000001) to a terabyte (1000000); 100 is usual",
        )


def choice_problems(settings: "DataclassInstance") -> Problems:
    """A setting with choices must be one of them."""
    for f in dataclasses.fields(settings):
        choices, value = f.metadata["choices"], getattr(settings, f.name)
        if choices and value not in choices:
            guess = did_you_mean(value, choices, before="; ")
            yield f.name, f"{value!r} is not one of {', '.join(choices)}{guess}"


def share_problems(settings: "DataclassInstance", *names: str) -> Problems:
    """These settings must be shares, from 0 to 1."""
    for name in names:
        value = getattr(settings, name)
        if not 0 <= value <= 1:
            yield name, f"{value} is a share: give a number from 0 to 1"


def count_problems(settings: "DataclassInstance") -> Problems:
    """The numbers of processes, samples and items must be possible, and warnings to silence must be there."""
    for name in ("max_num_cpus", "num_logged_samples"):
        value = getattr(settings, name, 0)
        if value < 0:
            yield name, f"{value} must not be negative"
    if problem := silence_problem(getattr(settings, "silence", ())):
        yield "silence", problem
    at_once = getattr(settings, "shards_per_worker", 1)
    if at_once < 1:
        yield "shards_per_worker", f"{at_once} must be at least 1; 2 is usual"
