"""Judges a batch of documents by the rules of quality, and counts what each rule drops or would drop."""

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from beam_jobs.jobs.segment.document_batch import DocumentBatch
from beam_jobs.quality.count_documents import CONFIDENCE_UNITS, count_documents, count_utf8
from beam_jobs.quality.counters import COLUMN
from beam_jobs.quality.rule import Rule, would_drop
from beam_jobs.quality.rule_sets import chosen_rules, with_thresholds
from beam_jobs.quality.rules import judges_paragraphs, needs_ngrams
from beam_jobs.quality.stop_words import stop_word_row
from beam_jobs.settings import SegmentSettings
from beam_jobs.text.wrapped_lines import join_wrapped_lines, may_be_wrapped

STATISTIC = "quality_would_drop"
PARAGRAPHS = "quality_dropped_paragraphs"


@dataclass(frozen=True, slots=True)
class JudgedQuality:
    """The batch without the paragraphs that were dropped; the rule that drops a document and what it measured, by its place.

    `counts` are of the documents that each rule drops or would drop, and of the dropped paragraphs.
    """

    batch: DocumentBatch
    dropped: dict[int, tuple[str, str]]
    counts: dict[str, Any]


def judge_quality(batch: DocumentBatch, languages: Sequence[str], settings: SegmentSettings) -> JudgedQuality:
    """Judge the documents of a batch in their `languages`, each by itself.

    Rules of n-grams are counted only if one of them is chosen, since they cost half as much again as all others. Rules of paragraphs
    drop lines, and a document only if no line with text is left; what they would drop is not counted.
    """
    if settings.quality == "off" or not batch.texts:
        return JudgedQuality(batch, {}, {})
    chosen, counted = _rules(settings.quality, tuple(settings.drop))
    rows = count_utf8(
        batch.utf8,
        batch.ends,
        np.array([stop_word_row(language) for language in languages], np.int64),
        ngrams=any(map(needs_ngrams, chosen)),
    )
    known = (document.confidence for document in batch.documents)
    rows[:, COLUMN["confidence"]] = [-1 if value is None else round(value * CONFIDENCE_UNITS) for value in known]
    verdicts = would_drop(rows, counted)
    would = {rule.name: int(count) for rule, count in zip(counted, verdicts.sum(axis=0), strict=True)}
    drops = np.array([rule in chosen for rule in counted])
    taken = verdicts & drops
    dropped: dict[int, tuple[str, str]] = {}
    for number in np.flatnonzero(taken.any(axis=1)).tolist():
        rule = counted[int(taken[number].argmax())]
        dropped[number] = rule.name, _explain(rule, rows[number])
    of_paragraphs = [rule for rule in chosen if judges_paragraphs(rule)]
    counts: dict[str, Any] = {STATISTIC: would}
    if of_paragraphs:
        batch, emptied, lost = _drop_paragraphs(batch, languages, of_paragraphs, dropped)
        dropped.update(emptied)
        counts[PARAGRAPHS] = lost
    return JudgedQuality(batch, dropped, counts)


def quality_stats(totals: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of `corpus_stats.json`; none with `--quality off`."""
    return {name: totals[name] for name in (STATISTIC, PARAGRAPHS) if name in totals}


def quality_lines(stats: Mapping[str, Any]) -> list[str]:
    """A line for users about dropped paragraphs, from the statistics of a corpus; none without rules that drop them."""
    if PARAGRAPHS not in stats:
        return []
    lost = stats[PARAGRAPHS]
    named = ", ".join(f"{count:,} {rule}" for rule, count in lost.items() if count)
    return [f"paragraphs left out: {sum(lost.values()):,}" + (f" ({named})" if named else "")]


@functools.cache
def _rules(name: str, thresholds: tuple[str, ...]) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """The rules that drop, and those that are counted of whole documents."""
    chosen = chosen_rules(name, thresholds)
    ngrams = any(map(needs_ngrams, chosen))
    counted = (rule for rule in with_thresholds(thresholds) if not judges_paragraphs(rule))
    return chosen, tuple(rule for rule in counted if ngrams or not needs_ngrams(rule))


def _explain(rule: Rule, row: np.ndarray) -> str:
    side = "below" if rule.below else "above"
    return f"{float(rule.measure(row)):.6g}, {side} {rule.threshold:g}"


def _drop_paragraphs(
    batch: DocumentBatch, languages: Sequence[str], rules: Sequence[Rule], dropped: dict[int, tuple[str, str]]
) -> tuple[DocumentBatch, dict[int, tuple[str, str]], dict[str, int]]:
    """The batch without the lines that a rule drops, the documents of which none is left, and the lines by rule."""
    places, lines = [], []
    for number, text in enumerate(batch.texts):
        if number not in dropped:
            for line in _paragraphs(text):
                if line.strip():
                    places.append(number)
                    lines.append(line)
    rows = count_documents(lines, [languages[number] for number in places], ngrams=False)
    verdicts = would_drop(rows, rules)
    kept: dict[int, list[str]] = {}
    emptied: dict[int, tuple[str, str]] = {}
    lost: Counter[str] = Counter({rule.name: 0 for rule in rules})
    touched = set()
    for number, line, row, verdict in zip(places, lines, rows, verdicts, strict=True):
        of_document = kept.setdefault(number, [])
        if not verdict.any():
            of_document.append(line)
            continue
        rule = rules[int(verdict.argmax())]
        lost[rule.name] += 1
        touched.add(number)
        emptied.setdefault(number, (rule.name, _explain(rule, row)))
    emptied = {number: reason for number, reason in emptied.items() if not kept[number]}
    texts = [
        "\n".join(kept[number]) if number in touched and number not in emptied else text
        for number, text in enumerate(batch.texts)
    ]
    return DocumentBatch(batch.documents, texts) if touched else batch, emptied, dict(lost)


def _paragraphs(text: str) -> list[str]:
    """The lines of a text; those of hard-wrapped text joined, since the last line of a paragraph may have one word."""
    lines = text.split("\n")
    return join_wrapped_lines(lines) if may_be_wrapped(text, len(lines)) else lines
