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
    ],
    ids=["unknown", "negative", "alone", "pairs"],
)
def test_settings_that_mean_nothing(changes, message):
    with pytest.raises(UserError, match=message):
        SegmentSettings(("a",), "b", **changes).validate()


def test_settings_that_mean_something():
    SegmentSettings(("a",), "b", dehyphenate="all", dehyphenate_sample_mb=0.0).validate()
