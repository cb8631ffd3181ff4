"""The prices of an estimate: a small dated table in JSON that users can replace or turn off."""

import json
from dataclasses import dataclass, fields
from datetime import date
from importlib.resources import files

from beam_jobs import storage
from beam_jobs.errors import UserError

NONE = "none"
"""The value of `--prices` that turns money off."""
STALE_DAYS = 365
"""Prices older than this are not used: no sum is better than a wrong one."""


@dataclass(frozen=True)
class Prices:
    """Prices of Dataflow and its storage. Numbers are in `currency`; sizes are in GB of 10**9 bytes.

    `busy` is the share of a paid core-hour in which a worker works, and `memory_gb_per_vcpu` what a machine has: both are
    assumptions, not prices.
    """

    read_on: str
    region: str
    currency: str
    source: str
    vcpu_hour: float
    memory_gb_hour: float
    read_requests_1000: float
    write_requests_1000: float
    memory_gb_per_vcpu: float
    busy: float

    @property
    def core_hour(self) -> float:
        """The price of an hour of one core's work, with the memory beside it and the time in which it waits."""
        return (self.vcpu_hour + self.memory_gb_per_vcpu * self.memory_gb_hour) / self.busy

    def problem(self, today: date) -> str:
        """Why these prices are not used; empty if they are."""
        days = (today - date.fromisoformat(self.read_on)).days
        return f"prices of {self.read_on} are older than a year" if days > STALE_DAYS else ""


def read_prices(where: str = "") -> Prices | None:
    """The table that comes with the package, or that at `where`, a path or URI; None for `none`.

    Raises:
        UserError: the file cannot be read or is no table of prices.
    """
    if where == NONE:
        return None
    if where:
        data, name = storage.read_bytes(where), where
    else:
        name = "prices.json"
        data = (files("beam_jobs.estimates") / name).read_bytes()
    try:
        content = json.loads(data)
        prices = Prices(**{f.name: f.type(content[f.name]) for f in fields(Prices)})  # type: ignore[operator]
        date.fromisoformat(prices.read_on)
        if not 0 < prices.busy <= 1:
            raise ValueError("busy must be above 0 and at most 1")
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"--prices {name} is no table of prices ({type(error).__name__}: {error}); copy and change "
            "beam_jobs/estimates/prices.json, or give none"
        ) from error
    return prices
