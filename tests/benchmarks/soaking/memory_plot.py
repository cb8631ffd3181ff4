"""Draws the samples of `soak.py` as an SVG: memory over time, a line for each process, the stages marked.

.venv/bin/python tests/benchmarks/soaking/memory_plot.py docs/soak_memory.csv > docs/soak_memory.svg
"""

import csv
import sys
from collections import defaultdict
from html import escape
from pathlib import Path

WIDTH, HEIGHT = 1000, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 984, 62, 316

LIGHT = {"page": "#ffffff", "band": "#f6f8fa", "grid": "#d0d7de", "text": "#1f2328"}
DARK = {"page": "#0d1117", "band": "#151b23", "grid": "#3d444d", "text": "#e6edf3"}
LINES = (("#59636e", "#9198a1"), ("#0550ae", "#79c0ff"), ("#bc4c00", "#ffa657"), ("#8250df", "#d2a8ff"))
"""The colours of the driver and of three workers, on light and on dark pages; further workers begin again."""


def draw(path: Path) -> str:
    """The SVG of the samples in a CSV file."""
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    end = max(float(row["second"]) for row in rows)
    top = 100 * (int(max(float(row["rss_mb"]) for row in rows) / 100) + 1)

    def x(second: float) -> float:
        return LEFT + (RIGHT - LEFT) * second / end

    def y(megabytes: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * megabytes / top

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">',
        "<title>Resident memory of each process while a corpus is made</title>",
        f"<style>{_rules(0, LIGHT)}@media(prefers-color-scheme:dark){{{_rules(1, DARK)}}}</style>",
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}"/>',
    ]
    for number, (stage, first, last) in enumerate(_stages(rows)):
        left, right = x(first), x(last)
        if number % 2 == 0:
            parts.append(
                f'<rect class="band" x="{left:.1f}" y="{TOP}" width="{right - left:.1f}" height="{BOTTOM - TOP}"/>'
            )
        parts.append(_text(left + 3, TOP - 6 - 14 * (number % 2), stage))
    for tick in range(0, top + 1, 100 if top <= 1000 else 500):
        parts.append(f'<path class="grid" d="M{LEFT} {y(tick):.1f}H{RIGHT}"/>')
        parts.append(_text(LEFT - 6, y(tick) + 4, f"{tick:,}", "end"))
    minutes = max(1, round(end / 60 / 10))
    parts += [
        _text(x(60 * minute), BOTTOM + 18, str(minute), "middle") for minute in range(0, int(end / 60) + 1, minutes)
    ]
    parts += [_text(RIGHT, BOTTOM + 36, "minutes", "end"), _text(8, 18, "MB of resident memory")]
    for number, (process, lives) in enumerate(sorted(_lines(rows).items())):
        colour = 0 if process == "driver" else 1 + (number - 1) % (len(LINES) - 1)
        for points in lives:
            steps = " ".join(f"{x(second):.1f},{y(size):.1f}" for second, size in points)
            parts.append(f'<polyline class="p{colour}" points="{steps}"/>')
        parts.append(f'<path class="p{colour}" d="M{260 + 120 * number} 14h22"/>')
        parts.append(_text(288 + 120 * number, 18, process))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _stages(rows: list[dict[str, str]]) -> list[tuple[str, float, float]]:
    """(name, first second, last second) of each stage, in order; a stage lasts until the next one begins."""
    starts: dict[str, float] = {}
    for row in rows:
        starts.setdefault(row["stage"], float(row["second"]))
    edges = [*starts.values(), float(rows[-1]["second"])]
    return [(stage, start, edges[i + 1]) for i, (stage, start) in enumerate(starts.items())]


def _lines(rows: list[dict[str, str]]) -> dict[str, list[list[tuple[float, float]]]]:
    """The points of each process: a new line begins where the CPU time falls, because that is another process."""
    lives: dict[str, list[list[tuple[float, float]]]] = defaultdict(list)
    cpu: dict[str, float] = {}
    for row in rows:
        process, used = row["process"], float(row["cpu_s"])
        if process not in cpu or used < cpu[process]:
            lives[process].append([])
        cpu[process] = used
        lives[process][-1].append((float(row["second"]), float(row["rss_mb"])))
    return lives


def _rules(scheme: int, colours: dict[str, str]) -> str:
    lines = "".join(f".p{i}{{fill:none;stroke:{line[scheme]};stroke-width:1.5}}" for i, line in enumerate(LINES))
    return (
        f"text{{font:12px system-ui,'Segoe UI',Helvetica,Arial,sans-serif;fill:{colours['text']}}}"
        f".page{{fill:{colours['page']}}}.band{{fill:{colours['band']}}}.grid{{stroke:{colours['grid']}}}{lines}"
    )


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text, quote=False)}</text>'


if __name__ == "__main__":
    sys.stdout.write(draw(Path(sys.argv[1])))
