"""Prints figures of `trainer plan compile --figures FILE` as a Markdown table: `python docs/compiled_table.py FILE`."""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HEAD = "| plan, phase | machine | split | GB, compiled (estimated) | MB exchanged in loops | MB outside | ms | MFU |"


def table(rows: Iterable[Mapping[str, Any]]) -> str:
    """One line for each phase on each machine."""
    return "\n".join([HEAD, "|---|---|---|---|---|---|---|---|", *map(line, rows)])


def line(row: Mapping[str, Any]) -> str:
    """One phase on one machine."""
    devices, micro_batches = row["devices"], row["micro_batches"]
    sent = {True: 0, False: 0}
    for one in row["collectives"]:
        sent[one["in_loop"]] += one["bytes"]
    cells = [
        f"{row['plan']}, {row['phase']}",
        row["machine"] if row["device"].startswith("TPU") else f"{devices} x {row['device']}",
        f"{devices} x {row['batch'] // (devices * micro_batches)} x {micro_batches}",
        f"{row['bytes'] / 1e9:.2f} ({row['estimated_bytes'] / 1e9:.2f})",
        f"{sent[True] / 1e6:,.0f}",
        f"{sent[False] / 1e6:,.0f}",
        f"{row['milliseconds']:,.0f}" if row["milliseconds"] else "-",
        f"{row['mfu']:.0%}" if row["mfu"] else "-",
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(table(json.loads(text) for text in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()))
