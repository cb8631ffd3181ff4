"""Small charts as inline SVG: histograms, horizontal bars and a line, coloured by the CSS classes of `page.html`.

Sizes are in the units of the SVG's own view box; every mark carries its numbers in a <title>, which browsers show under
the pointer. No scripts or fonts are loaded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

WIDTH, HEIGHT = 460, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 14, 34
_PLOT_WIDTH, _PLOT_HEIGHT = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
_MOST_COLUMNS = 48
_TOWERING = 3.0  # a column this many times as high as the next one is drawn broken, so that the others can be seen


@dataclass(frozen=True)
class Bar:
    """One horizontal bar: a share of the whole, the CSS class of its colour, and its usual share, if there is one."""

    name: str
    count: int
    colour: str = "a"
    usual: float | None = None


def histogram(counts: np.ndarray, x_label: str, unit: str) -> str:
    """Columns for a histogram whose first entry counts the value 0. The largest value always has its own column."""
    first, last = _extent(counts)
    total = int(counts.sum())
    if not total:
        return ""
    width = max(1, -(-(last - first) // (_MOST_COLUMNS - 1)))
    bins = [(a, min(a + width, last)) for a in range(first, last, width)] + [(last, last + 1)]
    sizes = np.array([int(counts[a:b].sum()) for a, b in bins])
    order = np.sort(sizes)
    top = float(order[-1])
    cut = len(order) > 2 and top > _TOWERING * max(order[-2], 1)
    if cut:
        top = 1.25 * float(order[-2])
    parts, step = [_grid(top / total)], _PLOT_WIDTH / len(bins)
    for i, ((a, b), size) in enumerate(zip(bins, sizes, strict=True)):
        height = min(size / top, 1.0) * _PLOT_HEIGHT
        values = f"{a}" if b - a == 1 else f"{a} to {b - 1}"
        hint = f"{values} {unit}: {size:,} instances, {100 * size / total:.2g} %"
        x, y = _LEFT + i * step, _TOP + _PLOT_HEIGHT - height
        parts.append(_rectangle(x + 0.1 * step, y, 0.8 * step, height, "a", hint))
        if cut and size > top:
            parts.append(_break(x, step, f"{100 * size / total:.1f} %"))
    parts += _ticks([(i, str(a)) for i, (a, _) in enumerate(bins)], step)
    return _svg(parts, x_label)


def line(values: np.ndarray, x_label: str, usual: float) -> str:
    """A line over positions, from 0 up, without nan, and a dashed line at the usual value."""
    there = np.flatnonzero(~np.isnan(values))
    if not len(there):
        return ""
    top = 1.25 * max(float(np.nanmax(values)), usual)
    step = _PLOT_WIDTH / max(len(values), 1)
    points = [(_LEFT + (i + 0.5) * step, _TOP + _PLOT_HEIGHT * (1 - values[i] / top)) for i in there]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    level = _TOP + _PLOT_HEIGHT * (1 - usual / top)
    parts = [_grid(top), f'<polyline class="line" points="{path}"/>']
    parts.append(f'<line class="usual" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{level:.1f}" y2="{level:.1f}"/>')
    for i, (x, _) in zip(there, points, strict=True):
        hint = f"position {i}: {100 * values[i]:.1f} %"
        parts.append(_rectangle(x - step / 2, _TOP, step, _PLOT_HEIGHT, "hover", hint))
    parts += _ticks([(i, str(i)) for i in range(len(values))], step)
    return _svg(parts, x_label)


def bars(entries: Sequence[Bar]) -> str:
    """Horizontal bars, each with its name, its share of all and its count."""
    total = sum(entry.count for entry in entries)
    if not total:
        return ""
    row, right = 48, 62
    room = WIDTH - right
    parts = []
    for i, entry in enumerate(entries):
        share, y = entry.count / total, i * row + 20
        hint = f"{entry.name}: {entry.count:,}, {100 * share:.2f} %"
        parts.append(f'<text class="name" x="0" y="{y - 5}">{escape(_short(entry.name))}</text>')
        parts.append(_rectangle(0, y, room, 20, "track", hint))
        parts.append(_rectangle(0, y, max(share * room, 1), 20, entry.colour, hint))
        parts.append(f'<text x="{WIDTH - right + 8}" y="{y + 15}">{100 * share:.1f} %</text>')
        if entry.usual is not None:
            x = entry.usual * room
            parts.append(f'<line class="usual" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 3}" y2="{y + 23}"/>')
    height = len(entries) * row + 6
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img">{"".join(parts)}</svg>'


def _extent(counts: np.ndarray) -> tuple[int, int]:
    there = np.flatnonzero(counts)
    return (int(there[0]), int(there[-1])) if len(there) else (0, 0)


def _svg(parts: Sequence[str], x_label: str) -> str:
    label = f'<text class="label" x="{_LEFT + _PLOT_WIDTH / 2}" y="{HEIGHT - 3}" text-anchor="middle">{escape(x_label)}</text>'
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(parts)}{label}</svg>'


def _grid(top: float) -> str:
    """Horizontal lines at round shares up to `top`, and their names."""
    magnitude = 10.0 ** np.floor(np.log10(top / 2)) if top > 0 else 1.0
    step = next(m * magnitude for m in (1, 2, 5, 10) if top / (m * magnitude) <= 4)
    parts = []
    for i in range(int(top / step) + 1):
        y = _TOP + _PLOT_HEIGHT * (1 - i * step / top)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{100 * i * step:.3g} %</text>')
    return "".join(parts)


def _ticks(names: Sequence[tuple[int, str]], step: float, most: int = 7) -> list[str]:
    every = max(1, -(-len(names) // most))
    chosen = [entry for entry in names if entry[0] % every == 0]
    if len(names) - 1 - chosen[-1][0] >= every / 2 or len(chosen) == 1:
        chosen.append(names[-1])
    else:
        chosen[-1] = names[-1]
    y = _TOP + _PLOT_HEIGHT + 15
    return [
        f'<text x="{_LEFT + (i + 0.5) * step:.1f}" y="{y}" text-anchor="middle">{name}</text>' for i, name in chosen
    ]


def _break(x: float, step: float, text: str) -> str:
    y = _TOP + 9
    gap = f'<path class="break" d="M{x:.1f} {y + 3} l{step:.1f} -5 v4 l{-step:.1f} 5 z"/>'
    return f'{gap}<text class="name" x="{x - 3:.1f}" y="{_TOP + 8}" text-anchor="end">{text}</text>'


def _rectangle(x: float, y: float, width: float, height: float, colour: str, hint: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect class="{colour}" {place}><title>{escape(hint)}</title></rect>'


def _short(name: str, most: int = 56) -> str:
    return name if len(name) <= most else "…" + name[-most + 1 :]
