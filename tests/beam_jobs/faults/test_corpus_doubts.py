"""Each threshold from both sides."""

import pytest

from beam_jobs.faults.corpus_doubts import doubts_about_sentences
from beam_jobs.settings import SegmentSettings


def _doubts(sizes: dict[str, int], splits: dict[str, int] | None = None, **shares: float) -> list[tuple[str, str]]:
    counts = {split: {"num_documents": number} for split, number in (splits or {"default": 9}).items()}
    stats = {"sources": {name: {"bytes_out": size} for name, size in sizes.items()}, "counts": counts, "documents": 9}
    return list(doubts_about_sentences(stats, SegmentSettings(input=("raw",), output="out", **shares)))


def test_one_source_of_three_with_more_than_nine_tenths() -> None:
    ((name, text),) = _doubts({"wiki.jsonl": 901, "b.txt": 50, "c.txt": 49})
    assert name == "one_source"
    assert text.startswith("90.1% of the text is from wiki.jsonl, more than 90%, and the rest from 2 other sources")


@pytest.mark.parametrize(
    "sizes",
    [
        {"a": 900, "b": 50, "c": 50},
        {"a": 899, "b": 51, "c": 50},
        {"a": 999, "b": 1},
        {"a": 9},
        {"a": 0, "b": 0, "c": 0},
    ],
)
def test_sources_of_which_none_is_too_large(sizes: dict[str, int]) -> None:
    assert _doubts(sizes) == []


def test_a_split_that_was_asked_for_and_is_empty() -> None:
    found = _doubts({"a": 1}, {"train": 9}, dev_fraction=0.01, test_fraction=0.02)
    assert [name for name, _ in found] == ["empty_split"] * 2
    assert "held out as dev, though --dev_fraction is 0.01: 9 documents are too few" in found[0].text
    assert _doubts({"a": 1}, {"train": 8, "dev": 1}, dev_fraction=0.01) == []
    assert _doubts({"a": 1}, {"train": 9}) == []
