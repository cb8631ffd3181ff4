"""Counts of documents in languages without rules: right, bounded and the same however they are added up."""

from collections import Counter

from beam_jobs.faults.language_notes import OTHERS, count_language, most_frequent_languages


def test_only_languages_without_rules_are_counted():
    counts: Counter[str] = Counter()
    for language in ["nb", "Norwegian", "zh", "", "xx", "xx", "x" * 1000]:
        count_language(counts, language)
    assert counts == {"": 1, "xx": 2, "x" * 40: 1}


def test_the_names_held_are_bounded_and_no_document_is_lost():
    counts: Counter[str] = Counter()
    for i in range(10_000):
        count_language(counts, f"language {i}")
    assert len(counts) == 101
    assert counts.total() == 10_000


def test_the_most_frequent_are_kept_and_the_others_added():
    counts = {f"l{i}": i for i in range(1, 301)} | {OTHERS: 1_000_000}
    kept = most_frequent_languages(counts)
    assert list(kept)[:3] == ["l300", "l299", "l298"]
    assert list(kept)[-1] == OTHERS
    assert len(kept) == 101
    assert sum(kept.values()) == sum(counts.values())
    assert most_frequent_languages({"b": 1, "a": 1}) == {"a": 1, "b": 1}
    assert most_frequent_languages({}) == {}
