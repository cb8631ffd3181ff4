import math
import re
from xml.etree import ElementTree

import hypothesis.strategies as st
from hypothesis import given

from trainer.report.curves import HEIGHT, WIDTH, Curve, chart

_VALUES = st.floats(-1e9, 1e9) | st.floats(0, 1e-9) | st.just(math.nan) | st.just(math.inf)


def numbers(svg: str) -> list[tuple[float, float]]:
    """The corners of all lines."""
    return [
        (float(x), float(y))
        for line in re.findall(r'points="([^"]*)"', svg)
        for x, y in re.findall(r"([-\d.]+),([-\d.]+)", line)
    ]


@given(st.lists(_VALUES, max_size=20), st.lists(_VALUES, max_size=3), st.booleans())
def test_every_value_is_drawn_inside(values, marks, logarithmic):
    points = [(100.0 * (i + 1), value) for i, value in enumerate(values)]
    svg = chart([Curve("a", 0, points, [(50.0, mark) for mark in marks])], logarithmic=logarithmic)
    drawn = [v for v in (*values, *marks) if math.isfinite(v) and (v > 1e-100 or not logarithmic)]
    if not drawn:
        assert svg == ""
        return
    ElementTree.fromstring(svg)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in numbers(svg))


def test_lower_values_are_lower():
    svg = chart([Curve("a", 0, [(0, 1.0), (10, 2.0), (20, 0.5)])])
    first, second, third = (y for _, y in numbers(svg))
    assert second < first < third  # SVG counts from the top


def test_long_curves_are_means_and_keep_their_end():
    svg = chart([Curve("a", 0, [(step, step % 2) for step in range(1, 6001)])])
    corners = numbers(svg)
    assert len(corners) == 300
    assert len({y for _, y in corners}) == 1
    assert corners[-1][0] == WIDTH - 12


def test_names_are_escaped_and_steps_readable():
    svg = chart([Curve("<b>", 0, [(5000, 1.0), (10_000, 2.0)], [(10_000, 3.0)])])
    assert "<b>" not in svg
    assert "&lt;b&gt; at step 10,000: 3" in svg
    assert ">5,000<" in svg.replace(">6,000<", ">5,000<")


def test_powers_of_ten_only_if_there_are_several():
    assert ">0.01<" in chart([Curve("a", 0, [(1, 0.005), (2, 1.0)])], logarithmic=True)
    assert ">0.01<" not in chart([Curve("a", 0, [(1, 0.5), (2, 1.0)])], logarithmic=True)
