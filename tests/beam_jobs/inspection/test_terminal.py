import io

import numpy as np
import pytest
from rich.console import Console

from beam_jobs.decoding.decode import decode_instance
from beam_jobs.decoding.summary import Summary
from beam_jobs.inspection import terminal
from beam_jobs.inspection.inspected_corpus import Corpus, ShardFile
from beam_jobs.inspection.samples import Sample
from beam_jobs.inspection.scan import ShardScan, Violation


@pytest.fixture
def corpus(small_vocabulary):
    shards = (ShardFile("/c/a", "a", 3, 9), ShardFile("/c/b", "b", 1200, 9))
    return Corpus("/c", shards, small_vocabulary, "/c/vocab.txt")


@pytest.fixture
def shown():
    """What a function prints to a plain console."""

    def text(show, *arguments):
        console = Console(file=io.StringIO(), width=200, highlight=False)
        show(console, *arguments)
        return [line.rstrip() for line in console.file.getvalue().splitlines()]

    return text


def test_what_is_looked_at(shown, corpus):
    line = "/c: 2 shards, 1,203 instances, vocabulary of 15 pieces (/c/vocab.txt)"
    assert shown(terminal.print_corpus, corpus) == [line]
    unknown = Corpus("x", (ShardFile("x", "x"),), corpus.vocabulary, "v")
    assert shown(terminal.print_corpus, unknown) == ["x: 1 shard, vocabulary of 15 pieces (v)"]


def test_samples_come_with_a_legend(shown, corpus, serialise, classic, dynamic):
    static, masked_later = (decode_instance(serialise(make())) for make in (classic, dynamic))
    assert shown(terminal.print_samples, corpus, []) == []
    lines = shown(terminal.print_samples, corpus, [Sample("a", 2, static)])
    assert lines[1].startswith(
        "predicted pieces as [given→original]: hidden by [MASK]   another piece   kept as it was"
    )
    assert lines[3].startswith("a record 2  11 pieces of 14 · 3 predictions")
    lines = shown(terminal.print_samples, corpus, [Sample("a", 2, masked_later)])
    assert lines[1] == "segment B   [UNK]"


def test_the_verdict(shown, corpus):
    right = ShardScan(Summary(), {"a": 3, "b": 0}, 0, (), True)
    assert shown(terminal.print_verdict, corpus, right) == [
        "",
        "1 of 2 shards without a record: b",
        "checked all 3 records of 2 shards: checksums and instances are right",
    ]
    part = ShardScan(Summary(), {"a": 3000}, 0, (), False)
    assert shown(terminal.print_verdict, corpus, part)[1:] == [
        "checked 3,000 records of 1 shard (--check all reads everything): checksums and instances are right"
    ]
    wrong = ShardScan(Summary(), {"a": 3}, 3, (Violation("a", 1, "bad"), Violation("a", -1, "short")), True)
    assert shown(terminal.print_verdict, corpus, wrong)[1:] == [
        "checked all 3 records of 1 shard: 3 wrong",
        "  a record 1: bad",
        "  a: short",
        "  and 1 more",
        "  Most instances are wrong: were they made with /c/vocab.txt?",
    ]
    some = ShardScan(Summary(), {"a": 4}, 2, (Violation("a", 1, "bad"),) * 2, True)
    assert not any("Most" in line for line in shown(terminal.print_verdict, corpus, some))


def test_bars_are_as_long_as_their_share():
    assert [terminal._bar(share) for share in (0, 0.5, 1, 2, -1)] == ["", "█" * 12, "█" * 24, "█" * 24, ""]
    assert terminal._bar(0.0001) == "▏"
    assert terminal._bar(1 / 24 + 4 / 192) == "█▌"


def test_histograms_are_drawn_by_their_roots():
    assert terminal._sparkline(np.array([0, 1, 4, 16])) == " ▂▄█"
    assert terminal._sparkline(np.zeros(3)) == "   "
    assert len(terminal._sparkline(np.ones(1000))) == 24


def test_a_pipe_gets_whole_lines(monkeypatch):
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    assert (terminal.make_console().width, terminal.make_console().is_terminal) == (200, False)
