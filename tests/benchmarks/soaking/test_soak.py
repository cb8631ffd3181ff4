"""The soak's text is the same on every run and its vocabulary grows with it; its samples and its plot are complete."""

import itertools
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

FOLDER = Path(__file__).parent.parent
TEXTS = ["En setning som handler om ingenting. " * 20, "Det regnet hele dagen, og ingen brydde seg. " * 12]


@pytest.fixture
def growing_text(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    from soaking import growing_text

    return growing_text


def test_the_same_text_comes_out_every_time_in_files_of_the_same_size(growing_text, tmp_path):
    written = [growing_text.write_text(tmp_path / name, 300_000, TEXTS, file_bytes=100_000) for name in ("a", "b")]
    assert written[0] == written[1] >= 300_000
    first, second = (sorted((tmp_path / name).iterdir()) for name in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert [path.name for path in first] == ["part-0000.jsonl", "part-0001.jsonl", "part-0002.jsonl"]


def test_distinct_words_grow_with_the_text_by_heaps_law(growing_text):
    documents = list(itertools.islice(growing_text.documents(TEXTS), 4000))
    distinct = {
        number: len({word for document in documents[:number] for word in document.split()}) for number in (1000, 4000)
    }
    words = sum(len(document.split()) for document in documents)
    assert distinct[4000] == pytest.approx(growing_text.distinct_words(words), rel=0.2)
    assert distinct[4000] / distinct[1000] == pytest.approx(4**growing_text.BETA, rel=0.2)


def test_numbers_have_words_of_their_own(growing_text):
    assert len({growing_text.made_up_word(number) for number in range(50_000)}) == 50_000


def test_a_small_soak_samples_every_process_and_draws_them(tmp_path):
    folder = tmp_path / "soak"
    command = [sys.executable, FOLDER / "soak.py", "--gb", "0.004", "--vocab_size", "500", "--interval", "0.2"]
    done = subprocess.run([*command, "--folder", folder], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    header, *rows = (folder / "memory.csv").read_text().splitlines()
    assert header == "second,stage,process,rss_mb,cpu_s"
    assert {row.split(",")[1] for row in rows} >= {"vocabulary", "count", "corpus", "segment", "instances"}
    assert sorted(path.name for path in folder.iterdir()) == [
        "corpus.log",
        "memory.csv",
        "memory.svg",
        "vocabulary.log",
    ]
    svg = ElementTree.fromstring((folder / "memory.svg").read_text())
    assert svg.findall(".//{*}polyline")
    assert "instances" in {text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")}
    assert "peak MB" in done.stdout
