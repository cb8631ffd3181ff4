"""Leaves out documents whose fields do not fulfil the conditions of `--where`."""

from collections.abc import Mapping
from typing import Any

from beam_jobs.jobs.segment.document_batch import DocumentBatch
from beam_jobs.settings import SegmentSettings
from beam_jobs.settings.where import conditions, document_conditions, paragraph_conditions

REASON, STATISTIC = "where", "conditions"
_SHOWN = 80  # characters of a value


def judge_fields(batch: DocumentBatch, settings: SegmentSettings) -> tuple[dict[int, str], dict[str, Any]]:
    """The documents to leave out, by their place in the batch, with what their field holds; and counts by condition.

    A condition counts each document, or each paragraph, that it alone would leave out as `left_out`, and each that has no
    such field, or one that cannot be compared, as `without`: these are kept.
    """
    if not settings.where:
        return {}, {}
    of_documents, of_paragraphs = document_conditions(settings.where), paragraph_conditions(settings.where)
    counts = {str(condition): {"left_out": 0, "without": 0} for condition in conditions(tuple(settings.where))}
    dropped: dict[int, str] = {}
    for number, document in enumerate(batch.documents):
        values = document.fields or (None,) * len(of_documents)
        for condition, value in zip(of_documents, values, strict=True):
            holds = condition.holds(value)
            if holds is None:
                counts[str(condition)]["without"] += 1
            elif not holds:
                counts[str(condition)]["left_out"] += 1
                dropped.setdefault(
                    number, f"{condition.field} is {str(value)[:_SHOWN]!r}, not {condition.sign}{condition.value!r}"
                )
        lost = document.paragraphs or ((0, 1),) * len(
            of_paragraphs
        )  # a text that is no list of paragraphs is one without
        for condition, (left_out, without) in zip(of_paragraphs, lost, strict=True):
            counts[str(condition)]["left_out"] += left_out
            counts[str(condition)]["without"] += without
        if any(left_out for left_out, _ in document.paragraphs) and not batch.texts[number].strip():
            dropped.setdefault(number, "no paragraph is left")
    return dropped, {STATISTIC: counts}


def where_lines(stats: Mapping[str, Any]) -> list[str]:
    """A line for users for each condition, from the statistics of a corpus; none without `--where`."""
    lines = []
    for condition, found in stats.get(STATISTIC, {}).items():
        what = "paragraphs" if condition.startswith("paragraphs.") else "documents"
        without = f"; {found['without']:,} without such a field were kept" if found["without"] else ""
        lines.append(f"where {condition}: {found['left_out']:,} {what} left out{without}")
    return lines
