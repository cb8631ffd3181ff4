import json
from datetime import date, timedelta

import pytest

from beam_jobs.errors import UserError
from beam_jobs.estimates.prices import STALE_DAYS, read_prices


def test_the_table_of_the_package():
    prices = read_prices()
    assert (prices.region, prices.currency) == ("us-central1", "USD")
    assert prices.core_hour == pytest.approx((0.056 + 4 * 0.003557) / 0.7)
    assert "cloud.google.com/storage" in prices.source


def test_none_is_no_table():
    assert read_prices("none") is None


def test_old_prices_are_not_used():
    prices = read_prices()
    day = date.fromisoformat(prices.read_on)
    assert prices.problem(day + timedelta(STALE_DAYS)) == ""
    assert prices.problem(day + timedelta(STALE_DAYS + 1)) == f"prices of {prices.read_on} are older than a year"


@pytest.mark.parametrize("change", [{"vcpu_hour": "dear"}, {"read_on": "lately"}, {"busy": 0}])
def test_a_file_that_is_no_table(tmp_path, change):
    good = read_prices()
    content = {name: getattr(good, name) for name in good.__dataclass_fields__}
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(content))
    assert read_prices(str(path)) == good
    path.write_text(json.dumps({**content, **change}))
    with pytest.raises(UserError, match=r"--prices .*prices\.json is no table of prices"):
        read_prices(str(path))
    path.write_text("{}")
    with pytest.raises(UserError, match="or give none"):
        read_prices(str(path))
