"""Breaks the job `corpus` in many ways, and prints a table with a row for each kind of fault.

    PYTHONPATH=. .venv/bin/python tests/faults/series.py --runs 12

A launch that fails is repeated, as a user would repeat it, and its files are compared with those of a faultless run.
Only faults that have happened are counted. The exit status is 1 if any run ends with other files, if a launch fails
without a line about it, or if a launch ends well without a line for each transient error of a disk.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.faults.errors_of_a_disk import full_disk, kinds, latency, rates, replays, single
from tests.faults.launches import Row, Series
from tests.faults.processes import clocks, killed, two_drivers, zombies
from tests.faults.stores import gs, late_listings, s3

GROUPS: dict[str, Callable[[Series, int], Iterable[Row]]] = {
    "rates": rates,
    "kinds": kinds,
    "replays": replays,
    "single": single,
    "full_disk": full_disk,
    "latency": latency,
    "zombies": zombies,
    "two_drivers": two_drivers,
    "clocks": clocks,
    "killed": killed,
    "s3": s3,
    "gs": gs,
    "late_listings": late_listings,
}


def main() -> int:
    """Run all series and print the table. Returns 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=12, help="runs of each kind (default: 12)")
    parser.add_argument("--only", choices=GROUPS, action="append", help="only these rows; repeatable")
    options = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        series = Series(Path(folder).resolve())
        print("| fault | runs | faults | tries announced | launches | runs with one launch | in the end |", flush=True)
        print("|---|---|---|---|---|---|---|", flush=True)
        for group in options.only or GROUPS:
            for row in GROUPS[group](series, options.runs):
                print(row.line(), flush=True)
                rows.append(row)
    print(f"{sum(row.faults for row in rows)} faults in {sum(row.launches for row in rows)} launches")
    for row in rows:
        for wrong in row.wrong:
            print(f"{row.name}: {wrong}")
        for name in sorted(row.left):
            print(f"{row.name}: left {name}")
    return 1 if any(row.wrong or row.left for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
