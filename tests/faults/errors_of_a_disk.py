"""Faults of local files: errors, a full disk, slow operations, a process killed at an operation."""

import errno
import random
from collections.abc import Sequence

from tests.faults.injection import (
    Act,
    Ledger,
    at_a_rate,
    at_operation,
    from_operation,
    kill,
    raise_code,
    slow,
)
from tests.faults.launches import Row, Series

TRANSIENT = (errno.EIO, errno.ETIMEDOUT, errno.ECONNRESET)
ALL_KINDS = ("create", "write", "rename", "renamed", "open", "read")


def rates(series: Series, runs: int) -> list[Row]:
    """Transient errors in a share of all operations, in every launch."""
    return _at_rates(series, runs, [(ALL_KINDS, 0.01), (ALL_KINDS, 0.03)])


def kinds(series: Series, runs: int) -> list[Row]:
    """Transient errors in a share of the operations of one kind, in every launch."""
    return _at_rates(series, runs, [((kind,), 0.08) for kind in ALL_KINDS])


def _at_rates(series: Series, runs: int, of_rows: Sequence[tuple[tuple[str, ...], float]]) -> list[Row]:
    rows = []
    for kinds, rate in of_rows:
        what = f"`{kinds[0]}`" if len(kinds) == 1 else "any operation"
        row = Row(f"transient errors of {what}, {rate:.0%}")
        for seed in range(runs):

            def act(number: int, ledger: Ledger, seed: int = seed) -> Act:
                return at_a_rate(kinds, rate, TRANSIENT, 1000 * seed + number, ledger)  # noqa: B023

            series.run(row, act, again=True)
        rows.append(row)
    return rows


def replays(series: Series, runs: int) -> list[Row]:
    """Bundles that run twice, with transient errors."""
    row = Row("every bundle twice, transient errors of any operation, 1%")
    for seed in range(runs):

        def act(number: int, ledger: Ledger, seed: int = seed) -> Act:
            return at_a_rate(ALL_KINDS, 0.01, TRANSIENT, 77_000 + 100 * seed + number, ledger)

        series.run(row, act, "--direct_runner_bundle_repeat=1", again=True)
    return [row]


def single(series: Series, runs: int) -> list[Row]:
    """One fault at a random operation of the first launch."""
    faults = [("process killed", kill), *((errno.errorcode[code], raise_code(code)) for code in (28, 13))]
    rows = []
    for name, fault in faults:
        row = Row(f"{name} at one operation")
        draw = random.Random(name)
        for _ in range(runs):
            series.run(row, lambda number, ledger: at_operation(draw.randrange(1, 120), ALL_KINDS, fault, ledger))  # noqa: B023
        rows.append(row)
    return rows


def full_disk(series: Series, runs: int) -> list[Row]:
    """From some write of the first launch on, nothing can be written; then there is room again."""
    row = Row("disk full from one write on")
    draw = random.Random("full")
    for _ in range(runs):
        number = draw.randrange(1, 50)
        series.run(row, lambda _, ledger: from_operation(number, ("create", "write"), errno.ENOSPC, ledger))  # noqa: B023
    return [row]


def latency(series: Series, runs: int) -> list[Row]:
    """Every operation takes up to 20 ms, and a few stall for up to a second. Only the stalls are counted."""
    row = Row("slow operations, stalls of 2% of them")
    for seed in range(runs):
        series.run(row, lambda _, ledger: slow(seed, 0.02, ledger))  # noqa: B023
    return [row]
