"""The checks of settings that several jobs have. Each raises UserError, which names the setting and the remedy."""

import dataclasses
from typing import TYPE_CHECKING

from beam_jobs.errors import UserError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def require(condition: bool, message: str) -> None:
    """Raise UserError with the message unless the condition holds."""
    if not condition:
        raise UserError(message)


def require_input_and_output(input: tuple[str, ...], output: str) -> None:
    """Both are named, and are paths."""
    require(bool(input), "--input is missing: name a file, a folder or a glob to read")
    require(all(path.strip() for path in input), "--input is empty: name a file, a folder or a glob to read")
    require(not any("\0" in path for path in (*input, output)), "a path of --input or --output holds a zero byte")
    require(bool(output), "--output is missing: name the folder to write to")


def require_shard_size(shard_mb: float) -> None:
    """A shard holds from a byte to a terabyte."""
    require(
        1e-6 <= shard_mb <= 1e6,
        f"--shard_mb {shard_mb} must be above 0: a size from one byte (0.000001) to a terabyte (1000000); 100 is usual",
    )


def require_choices(settings: "DataclassInstance") -> None:
    """A setting with choices has one of them."""
    for f in dataclasses.fields(settings):
        choices, value = f.metadata["choices"], getattr(settings, f.name)
        require(not choices or value in choices, f"--{f.name} {value!r} is not one of {', '.join(choices)}")


def require_shares(settings: "DataclassInstance", *names: str) -> None:
    """The named settings are shares of something."""
    for name in names:
        value = getattr(settings, name)
        require(0 <= value <= 1, f"--{name} {value} is a share: give a number from 0 to 1")


def require_counts(settings: "DataclassInstance") -> None:
    """The numbers of processes, samples and items are possible ones."""
    for name in ("max_num_cpus", "num_logged_samples"):
        value = getattr(settings, name, 0)
        require(value >= 0, f"--{name} {value} must not be negative")
    at_once = getattr(settings, "shards_per_worker", 1)
    require(at_once >= 1, f"--shards_per_worker {at_once} must be at least 1; 2 is usual")
