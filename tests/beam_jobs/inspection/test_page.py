import re
from html import unescape

import numpy as np
import pytest

from beam_jobs.decoding.decode import decode_instance
from beam_jobs.decoding.summary import Summary
from beam_jobs.errors import UserError
from beam_jobs.inspection.inspected_corpus import Corpus, ShardFile
from beam_jobs.inspection.page import render_page, require_free, write_page
from beam_jobs.inspection.samples import Sample
from beam_jobs.inspection.scan import ShardScan, Violation
from beam_jobs.records import Manifest
from tests.trainer.serving.browser import CHROMIUM, Browser

SUMMARY = Summary(
    instances=3,
    labels=np.array([2, 1]),
    pieces=30,
    stored=36,
    masked=3,
    lengths=np.array([0] * 10 + [3]),
    predictions_per_instance=np.array([0, 3]),
    predicted_at=np.array([0, 3] + [0] * 8),
)


@pytest.fixture
def page(small_vocabulary):
    def text(stats=None, manifest=None, scan=None, samples=()):
        corpus = Corpus("<c>", (ShardFile("a", "a"),), small_vocabulary, "v", manifest, stats or {})
        return render_page(corpus, scan or ShardScan(SUMMARY, {"a": 3}, 0, (), True), samples)

    return text


def captions(html):
    return [unescape(re.sub("<[^>]*>", "", one)) for one in re.findall("<figcaption>(.*?)</figcaption>", html)]


def test_the_plots_are_of_what_was_read_or_of_the_whole_corpus(page):
    read = captions(page())
    assert read == [
        "Length 3 records read",
        "Predictions per instance 3 records read",
        "Second segment 3 records read; dashed: usual",
        "What stands at a predicted position 3 records read; dashed: usual",
        "Pieces predicted, by position 3 records read; dashed: the setting",
    ]
    totals = {"lengths": [0, 7], "label_0": 4, "label_1": 3, "masked": {"mask": 9, "random": 1, "kept": 0}}
    html = page({"totals": totals})
    assert captions(html)[:2] == ["Length whole corpus", "Predictions per instance whole corpus"]
    assert "1 pieces: 7 instances" in html
    assert "0: B follows A: 4, 57.14 %" in html
    assert "another piece: 1, 10.00 %" in html


def test_splits_and_sources_of_the_corpus(page):
    sources = {f"s{i:02d}": {"bytes_in": 100 - i} for i in range(14)}
    counts = {"train": {"num_instances": 9, "num_documents": 1}, "dev": {"num_instances": 1, "num_documents": 1}}
    html = page({"counts": counts, "sources": sources})
    assert captions(html)[-2:] == ["Instances by split 3 records read", "Bytes of text by source 3 records read"]
    assert "2 more: 175, 13.37 %" in html
    assert "1 shard · 2 documents · 10 instances · vocabulary of 15 pieces" in html
    assert captions(page({"counts": {"default": {}}, "sources": {"one": {"bytes_in": 1}}})) == captions(page())


def test_what_was_checked(page):
    assert "Checked all 3 records of 1 shard: every checksum and every instance is right." in page()
    violations = (Violation("a<b>", 4, "odd & bad"), Violation("a", -1, "short"))
    html = page(scan=ShardScan(SUMMARY, {"a": 3}, 5, violations, False))
    assert "Checked 3 records of 1 shard: 5 wrong.<ul><li><b>a&lt;b&gt; record 4</b> odd &amp; bad</li>" in html
    assert "<li><b>a</b> short</li><li>and 3 more</li>" in html


def test_settings_and_names_of_the_run(page):
    manifest = Manifest("instances", "h", {"max_seq_length": 128}, (), {"model_class": "nb<"})
    html = page({"run_name": "r&r"}, manifest)
    assert "<tr><th>max_seq_length</th><td>128</td></tr>" in html
    assert "model class nb&lt; · run r&amp;r" in html
    assert "<h2>Settings</h2>" not in page()


def test_a_predicted_piece_is_shown_with_its_original(page, serialise, classic):
    html = page(samples=[Sample("a", 5, decode_instance(serialise(classic())))])
    assert "<h3>a <span>record 5</span></h3>" in html
    assert '<b class="p masked" title="2: [MASK], originally hund"><s>[MASK]</s><u>hund</u></b>' in html


def test_only_a_page_of_ours_is_replaced(page, tmp_path, small_vocabulary):
    corpus = Corpus("c", (ShardFile("a", "a"),), small_vocabulary, "v")
    path = tmp_path / "p.html"
    for _ in range(2):
        write_page(str(path), corpus, ShardScan(SUMMARY, {"a": 3}, 0, (), True), ())
    path.write_text("<html>mine")
    with pytest.raises(UserError, match=r"--html .*p\.html: is there already and is no page that inspect wrote"):
        require_free(str(path))
    path.write_text("")
    require_free(str(path))


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1280])
def test_in_a_browser_instances_are_searched_and_chosen(page, serialise, classic, tmp_path, width, dark):
    samples = [Sample("a", number, decode_instance(serialise(classic()))) for number in range(5)]
    path = tmp_path / "page.html"
    path.write_text(page(samples=samples).replace("<h3>a <span>record 3", "<h3>needle <span>record 3"))
    browser = Browser(tmp_path / "browser")
    shown = "document.querySelectorAll('article:not([hidden])').length"
    try:
        browser.open(path.as_uri(), width=width, dark=dark)
        assert browser.run("document.documentElement.scrollWidth") <= width
        assert browser.run(shown) == 5
        browser.type("words", "Needle record")
        assert browser.run(shown) == 1
        assert browser.run("document.getElementById('found').textContent") == "1 of 5"
        browser.type("words", "")
        browser.run(
            "const k = document.getElementById('kind'); k.value = k.options[1].value; k.dispatchEvent(new Event('change'))"
        )
        assert browser.run(shown) == 5  # all have that label
        assert browser.requested == [path.as_uri()]
        assert browser.problems == []
    finally:
        browser.close()
