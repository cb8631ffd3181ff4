"""Leaves running heads and page numbers out of a batch of documents, and joins what a page break divided."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from beam_jobs.duplicates.page_furniture import find_furniture, line_ends
from beam_jobs.jobs.segment.document_batch import DocumentBatch
from beam_jobs.settings import SegmentSettings

REASON, STATISTIC = "page_furniture", "furniture"
_STOPS = tuple('.!?…:;"»”)')


def furniture_batch(batch: DocumentBatch, settings: SegmentSettings) -> tuple[DocumentBatch, list[int], dict[str, Any]]:
    """The batch without running heads and page numbers, the places of documents of which nothing else is left, and counts.

    Where a line is left out in the middle of a sentence, so are the blank lines around it.
    """
    if not settings.page_furniture or not batch.texts:
        return batch, [], {}
    ends, documents = line_ends(batch.utf8, batch.ends)
    furniture = find_furniture(batch.utf8, ends, documents, settings.page_furniture)
    touched = np.unique(documents[furniture]).tolist()
    firsts = np.searchsorted(documents, np.arange(len(batch.texts) + 1))
    texts, emptied = list(batch.texts), []
    for number in touched:
        lines = batch.texts[number].split("\n")
        text = _without(lines, furniture[firsts[number] : firsts[number + 1]].tolist())
        if text.strip():
            texts[number] = text
        else:
            emptied.append(number)
    counts = {STATISTIC: {"lines": int(furniture.sum()), "documents": len(touched)}}
    return DocumentBatch(batch.documents, texts) if touched else batch, emptied, counts


def furniture_lines(stats: Mapping[str, Any]) -> list[str]:
    """A line for users, from the statistics of a corpus; none without `--page_furniture`."""
    if STATISTIC not in stats:
        return []
    found = stats[STATISTIC]
    return [f"running heads and page numbers: {found['lines']:,} lines left out of {found['documents']:,} documents"]


def _without(lines: list[str], furniture: list[bool]) -> str:
    """The lines that are no furniture, without the blank ones around a page break in the middle of a sentence."""
    kept: list[str] = []
    at_break = False
    blank = 0  # lines at the end of `kept`
    for line, left_out in zip(lines, furniture, strict=True):
        if left_out:
            at_break = True
        elif not line.strip():
            kept.append(line)
            blank += 1
        else:
            if at_break and blank and blank < len(kept) and _goes_on(kept[-1 - blank], line):
                del kept[-blank:]
            kept.append(line)
            at_break, blank = False, 0
    return "\n".join(kept)


def _goes_on(line: str, following: str) -> bool:
    return following.lstrip()[0].islower() and not line.rstrip().endswith(_STOPS)
