from dataclasses import replace
from datetime import date

import pytest

from beam_jobs.estimates.estimate import Measured, Requests, estimate_lines, scaled
from beam_jobs.estimates.prices import read_prices

TODAY = date.fromisoformat(read_prices().read_on)
SAMPLE = Measured("segment", 1000, 900, 0.36, {"documents": 99, "rejected": 1})
STEPS = [scaled(SAMPLE, 1_000_000, 7, Requests(3, 2))]


def test_everything_grows_with_the_bytes():
    step = STEPS[0]
    assert (step.bytes_out, step.core_hours) == (900_000, pytest.approx(0.1))
    assert step.counts == {"documents": 99_000, "rejected": 1000}
    assert step.requests == Requests(21, 14)


def test_an_empty_sample_gives_nothing():
    assert scaled(replace(SAMPLE, bytes_in=0), 1e6, 1, Requests(0, 0)).core_hours == 0


def test_the_lines():
    lines = estimate_lines(STEPS, read_prices(), TODAY, on_dataflow=True)
    assert lines[0] == "makes      about 99,000 documents; 1.0% of the documents set aside"
    assert lines[1] == "           900.0 kB from segment"
    assert lines[2].startswith("work       about 0.1 core-hours (segment 0.1)")
    assert lines[4].startswith("requests   about 21 to read and 14 to write or list")
    assert lines[5].startswith(
        "money      about 0.01 USD for workers and 0.00 for requests (us-central1, prices of 2026-11-27"
    )


def test_money_only_where_it_is_known():
    prices = read_prices()
    assert estimate_lines(STEPS, prices, TODAY, on_dataflow=False)[-1] == "money      that of your own machines"
    assert not any("money" in line for line in estimate_lines(STEPS, None, TODAY, on_dataflow=True))
    old = estimate_lines(STEPS, prices, TODAY.replace(year=TODAY.year + 2), on_dataflow=True)
    assert old[-1].startswith(
        "money      not shown: prices of 2026-11-27 are older than a year; give newer ones by --prices"
    )
