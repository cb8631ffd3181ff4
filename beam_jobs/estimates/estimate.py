"""Scales what was measured in a sample of the input to the whole of it: pure arithmetic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from beam_jobs.estimates.prices import Prices


@dataclass(frozen=True)
class Measured:
    """What one step made of a sample on this machine."""

    step: str
    bytes_in: int
    bytes_out: int
    seconds: float
    """CPU seconds of this process."""
    counts: Mapping[str, int]
    """What it made, by name: documents, sentences, instances, rejected."""


@dataclass(frozen=True)
class Requests:
    """How often a store is asked: `reads` are GETs, `writes` are uploads and listings, which cost more."""

    reads: float
    writes: float


@dataclass(frozen=True)
class StepEstimate:
    """What one step will make of the whole input."""

    step: str
    items: int
    bytes_in: float
    bytes_out: float
    core_hours: float
    counts: Mapping[str, float]
    requests: Requests


def scaled(measured: Measured, bytes_in: float, items: int, an_item: Requests) -> StepEstimate:
    """The estimate for `bytes_in` bytes in `items` calls, each of which asks a store as often as `an_item` says.

    Everything grows with the bytes; a sample of no byte gives an estimate of nothing.
    """
    factor = bytes_in / measured.bytes_in if measured.bytes_in else 0.0
    return StepEstimate(
        measured.step,
        items,
        bytes_in,
        measured.bytes_out * factor,
        measured.seconds * factor / 3600,
        {name: count * factor for name, count in measured.counts.items()},
        Requests(items * an_item.reads, items * an_item.writes),
    )


def estimate_lines(steps: Sequence[StepEstimate], prices: Prices | None, today: date, on_dataflow: bool) -> list[str]:
    """The lines of an estimate for a terminal: what comes out, the work, the requests, and money where it is known.

    Args:
        steps: in the order in which they run.
        prices: None shows no money.
        today: decides whether the prices are too old to be used.
        on_dataflow: whether the prices are those of the machines that will run the job.
    """
    counts: dict[str, float] = {}
    for step in steps:
        counts.update(step.counts)
    rejected = counts.pop("rejected", 0.0)
    made = ", ".join(f"{_rounded(count)} {name}" for name, count in counts.items())
    share = rejected / max(counts.get("documents", 0.0) + rejected, 1e-9)
    aside = f"; {share:.1%} of the documents set aside" if rejected else ""
    sizes = ", ".join(f"{_size(step.bytes_out)} from {step.step}" for step in steps)
    hours = sum(step.core_hours for step in steps)
    split = ", ".join(f"{step.step} {_rounded(step.core_hours)}" for step in steps)
    reads = sum(step.requests.reads for step in steps)
    writes = sum(step.requests.writes for step in steps)
    lines = [
        f"makes      about {made}{aside}",
        f"           {sizes}",
        f"work       about {_rounded(hours)} core-hours ({split}), at the speed of a core of this machine in the sample;",
        "           the start of workers and waiting for a store are not in it",
        f"requests   about {_rounded(reads)} to read and {_rounded(writes)} to write or list, where input and output are in a bucket",
    ]
    return [*lines, *_money(hours, Requests(reads, writes), prices, today, on_dataflow)]


def _money(hours: float, requests: Requests, prices: Prices | None, today: date, on_dataflow: bool) -> list[str]:
    if prices is None:
        return []
    if not on_dataflow:
        return ["money      that of your own machines"]
    if problem := prices.problem(today):
        return [f"money      not shown: {problem}; give newer ones by --prices FILE"]
    workers = hours * prices.core_hour
    asked = requests.reads / 1000 * prices.read_requests_1000 + requests.writes / 1000 * prices.write_requests_1000
    return [
        f"money      about {workers:,.2f} {prices.currency} for workers and {asked:,.2f} for requests "
        f"({prices.region}, prices of {prices.read_on}; --prices)",
        f"           if a vCPU is as fast as a core here, has {prices.memory_gb_per_vcpu:g} GB and works "
        f"{prices.busy:.0%} of its time; storage, disks and network are not in it",
    ]


def _rounded(number: float) -> str:
    """A number to two digits, as an estimate knows no more: 41,234,567 as 41,000,000."""
    if number == 0:
        return "0"
    value = float(f"{number:.2g}")
    return f"{value:,.0f}" if value >= 10 else f"{value:g}"


def _size(count: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{_rounded(count / size)} {unit}"
    return f"{count / 1e3:.1f} kB"
