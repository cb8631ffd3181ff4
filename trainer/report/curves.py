"""Curves of several runs as inline SVG, coloured by the CSS classes of `page.html`.

Sizes are in the units of the SVG's own view box. Long curves are drawn as means of equal numbers of neighbours.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 460, 220
COLOURS = 6
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 12, 12, 34
_MOST_POINTS = 300
_HOVERS = 40
_DECADES = 20  # from the least value to the greatest: less is as clear on an even scale
_NOTHING = 1e-100  # less is 0: the smallest floats have too few digits to be scaled
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Curve:
    """One curve: the name of its run, the number of its colour, its points, and points to mark, such as evaluations."""

    name: str
    colour: int
    points: Points
    marks: Points = ()


def chart(curves: Sequence[Curve], *, logarithmic: bool = False) -> str:
    """An SVG with all curves over the same steps; empty if there is nothing to draw.

    With `logarithmic`, values up to 0 are left out, and the scale is one of powers of ten if they span more than one.
    """
    shown = [Curve(c.name, c.colour, _drawable(c.points, logarithmic), _drawable(c.marks, logarithmic)) for c in curves]
    every = [point for curve in shown for point in (*curve.points, *curve.marks)]
    if not every:
        return ""
    end = max(step for step, _ in every) or 1.0
    values = [value for _, value in every]
    logarithmic = logarithmic and max(values) > _DECADES * min(values)
    low, high = _bounds(values, logarithmic)
    scale = math.log10 if logarithmic else float

    def x(step: float) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * step / end

    def y(value: float) -> float:
        share = (scale(value) - scale(low)) / (scale(high) - scale(low))
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * share

    parts = []
    for tick in _ticks(low, high, logarithmic):
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{_short(tick)}</text>')
    parts += [
        f'<text x="{x(step):.1f}" y="{HEIGHT - _BOTTOM + 16}" text-anchor="middle">{_short(step)}</text>'
        for step in _round_steps(end)
    ]
    parts += _hovers(shown, end, x)
    for curve in shown:
        path = " ".join(f"{x(step):.1f},{y(value):.1f}" for step, value in curve.points)
        parts.append(f'<polyline class="line c{curve.colour % COLOURS}" points="{path}"/>')
    for curve in shown:
        for step, value in curve.marks:
            hint = f"<title>{escape(curve.name)} at step {step:,.0f}: {value:.4g}</title>"
            place = f'cx="{x(step):.1f}" cy="{y(value):.1f}"'
            parts.append(f'<circle class="mark c{curve.colour % COLOURS}" {place} r="3.2">{hint}</circle>')
    label = f'<text x="{WIDTH - _RIGHT}" y="{HEIGHT - 3}" text-anchor="end">step</text>'
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(parts)}{label}</svg>'


def _drawable(points: Points, logarithmic: bool) -> list[tuple[float, float]]:
    known = [(step, 0.0 if abs(value) < _NOTHING else value) for step, value in points if math.isfinite(value)]
    kept = [(step, value) for step, value in known if value > 0 or not logarithmic]
    size = -(-len(kept) // _MOST_POINTS) if kept else 1
    groups = (kept[i : i + size] for i in range(0, len(kept), size))
    return [(g[-1][0], math.fsum(value for _, value in g) / len(g)) for g in groups]


def _bounds(values: Sequence[float], logarithmic: bool) -> tuple[float, float]:
    low, high = min(values), max(values)
    if logarithmic:
        return (low / 1.2, high * 1.2)
    room = 0.06 * (high - low) or abs(high) or 1.0
    return (0.0 if 0 <= low < 0.35 * high else low - room), high + room


def _ticks(low: float, high: float, logarithmic: bool) -> list[float]:
    if logarithmic:
        decades = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
        return [10.0**power for power in decades]
    step = _round_step(high - low)
    first = math.ceil(low / step)
    return [i * step for i in range(first, math.floor(high / step) + 1)]


def _round_steps(end: float) -> list[float]:
    step = _round_step(end)
    return [i * step for i in range(int(end / step) + 1)]


def _round_step(span: float) -> float:
    """The distance between four to eight round numbers in a span above 0."""
    magnitude = 10.0 ** math.floor(math.log10(span / 4))
    return next(magnitude * m for m in (1, 2, 5, 10) if span / (magnitude * m) <= 5)


def _short(value: float) -> str:
    for size, name in ((1e9, "G"), (1e6, "M")):
        if abs(value) >= size:
            return f"{value / size:.3g} {name}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _hovers(curves: Sequence[Curve], end: float, x: Callable[[float], float]) -> list[str]:
    """Columns that name the values of all curves there, which browsers show under the pointer."""
    parts, width = [], (WIDTH - _LEFT - _RIGHT) / _HOVERS
    for column in range(_HOVERS):
        step = end * (column + 0.5) / _HOVERS
        lines = []
        for curve in curves:
            if curve.points and curve.points[-1][0] >= step - end / _HOVERS:
                nearest = min(curve.points, key=lambda point: abs(point[0] - step))
                lines.append(f"{curve.name} at step {nearest[0]:,.0f}: {nearest[1]:.4g}")
        if lines:
            place = f'x="{x(step) - width / 2:.1f}" y="{_TOP}" width="{width:.1f}" height="{HEIGHT - _TOP - _BOTTOM}"'
            parts.append(f'<rect class="hover" {place}><title>{escape(chr(10).join(lines))}</title></rect>')
    return parts
