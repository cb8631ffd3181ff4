from xml.etree import ElementTree

import numpy as np
import pytest

from beam_jobs.inspection.charts import Bar, bars, histogram, line


def rectangles(svg, colour):
    return [r for r in ElementTree.fromstring(svg).iter("rect") if r.get("class") == colour]


def test_columns_are_as_high_as_they_are_many():
    columns = rectangles(histogram(np.array([0, 0, 10, 20, 15]), "pieces", "pieces"), "a")
    heights = [float(column.get("height")) for column in columns]
    assert heights[1] / heights[0] == pytest.approx(2, rel=0.01)
    assert heights[2] / heights[0] == pytest.approx(1.5, rel=0.01)
    assert columns[1].find("title").text == "3 pieces: 20 instances, 44 %"


def test_many_values_share_columns_and_the_last_stands_alone():
    counts = np.ones(513, np.int64)
    counts[512] = 5000
    svg = histogram(counts, "pieces", "pieces")
    columns = rectangles(svg, "a")
    assert len(columns) <= 48
    total = sum(int(c.find("title").text.split(": ")[1].split(" ")[0].replace(",", "")) for c in columns)
    assert total == 5512
    assert columns[-1].find("title").text.startswith("512 pieces: 5,000 ")
    assert 'class="break"' in svg
    assert float(columns[0].get("height")) > 50


@pytest.mark.parametrize("counts", [[7], [0, 7], [0, 1, 1], [0, 0, 1, 10**9]])
def test_few_values(counts):
    svg = histogram(np.array(counts), "x", "pieces")
    inside = [float(r.get(a)) for r in rectangles(svg, "a") for a in ("x", "y", "width", "height")]
    assert all(0 <= value <= 460 for value in inside)


def test_nothing_to_draw():
    assert histogram(np.zeros(5, np.int64), "x", "pieces") == ""
    assert bars([Bar("a", 0)]) == ""
    assert line(np.array([np.nan]), "x", 0.15) == ""


def test_bars_and_odd_names():
    drawn = rectangles(bars([Bar("<a> & b", 30, "masked", 0.8), Bar("c", 10, "kept")]), "masked")
    (track,) = rectangles(bars([Bar("only", 3)]), "track")
    assert float(drawn[0].get("width")) == pytest.approx(0.75 * float(track.get("width")), rel=0.01)
    assert drawn[0].find("title").text == "<a> & b: 30, 75.00 %"


def test_a_line_leaves_out_what_is_not_there():
    svg = line(np.array([0.0, 0.2, np.nan, 0.1]), "position", 0.15)
    points = next(ElementTree.fromstring(svg).iter("polyline")).get("points").split()
    assert [float(point.split(",")[1]) for point in points] == [156.0, 42.4, 99.2]
