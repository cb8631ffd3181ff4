import re
from html.parser import HTMLParser

import pytest

from tests.trainer.report.made_runs import make_run
from tests.trainer.serving.browser import CHROMIUM, Browser
from trainer.report.page import page
from trainer.report.run_record import read_runs


@pytest.fixture
def html(tmp_path):
    return page(read_runs([make_run(tmp_path / "a"), make_run(tmp_path / "b", weight=1.0)]))


def test_the_page_stands_alone(html):
    parser = HTMLParser()
    addresses = []
    parser.handle_starttag = lambda tag, found: addresses.extend(v for k, v in found if k in ("src", "href"))
    parser.feed(html)
    assert addresses == []
    assert not re.search(r"https?://|url\(|@import|<script", html)
    assert "$" not in html
    assert "prefers-color-scheme: dark" in html


def test_it_tells_of_every_run(html):
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    for part in (
        "2 runs",
        "500 of 1,000",
        "corpus/a&lt;b 1,234 instances",
        "phase.128.optimizer.name = &quot;lamb&quot;",
        "jax 0.10.2",
    ):
        assert part in text, part
    assert "/somewhere" not in text
    assert "pretrain --plan mine" in text
    assert html.count("<figure>") == 8


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1280])
def test_in_a_browser_it_is_as_wide_as_the_window(html, tmp_path, width, dark):
    path = tmp_path / "page.html"
    path.write_text(html)
    browser = Browser(tmp_path / "browser")
    try:
        browser.open(path.as_uri(), width=width, dark=dark)
        assert browser.run("document.documentElement.scrollWidth") <= width
        assert browser.run("document.querySelectorAll('figure svg').length") == 8
        ground = browser.run("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(21, 24, 28)" if dark else "rgb(247, 247, 245)")
        assert browser.requested == [path.as_uri()]
        assert browser.problems == []
    finally:
        browser.close()
