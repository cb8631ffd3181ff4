import pytest

from beam_jobs.errors import UserError
from beam_jobs.settings import SegmentSettings


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dehyphenate": "lines"}, r"--dehyphenate 'lines' is not one of off, line_ends, all"),
        ({"dehyphenate": "all", "dehyphenate_sample_mb": -1.0}, r"--dehyphenate_sample_mb -1.0 must not be negative"),
        ({"dehyphenate_sample_mb": 10.0}, r"--dehyphenate_sample_mb does nothing without --dehyphenate"),
        ({"dehyphenate": "all", "pair_field": "code"}, r"--dehyphenate is for running text"),
        ({"page_furniture": 1}, r"--page_furniture 1 must be 2 or more, or 0 for off"),
        ({"page_furniture": -3}, r"--page_furniture -3 must be 2 or more"),
        ({"page_furniture": 5, "pair_field": "code"}, r"--page_furniture is for running text"),
    ],
    ids=["unknown", "negative", "alone", "pairs", "one_page", "no_page", "furniture_of_pairs"],
)
def test_settings_that_mean_nothing(changes, message):
    with pytest.raises(UserError, match=message):
        SegmentSettings(("a",), "b", **changes).validate()


def test_settings_that_mean_something():
    SegmentSettings(("a",), "b", dehyphenate="all", dehyphenate_sample_mb=0.0, page_furniture=5).validate()
