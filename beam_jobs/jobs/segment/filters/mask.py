"""Replaces personal data in a batch of documents, before any filter sees it."""

from typing import Any

from beam_jobs.jobs.segment.document_batch import DocumentBatch
from beam_jobs.personal_data.mask_texts import mask_texts
from beam_jobs.settings import SegmentSettings
from beam_jobs.settings.cleaning import mask_kinds

STATISTIC = "masked"


def mask_batch(batch: DocumentBatch, settings: SegmentSettings) -> tuple[DocumentBatch, dict[str, Any]]:
    """The batch with placeholders in the place of what `--mask` names, and what was replaced: documents and places by kind."""
    kinds = mask_kinds(settings.mask)
    if not kinds:
        return batch, {}
    texts, masked = mask_texts(batch.texts, batch.utf8, batch.ends, kinds)
    counts = {kind: {"documents": masked.documents[kind], "places": masked.places[kind]} for kind in kinds}
    return DocumentBatch(batch.documents, texts) if masked.places.total() else batch, {STATISTIC: counts}


def masked_lines(stats: dict[str, Any]) -> list[str]:
    """A line for users about what was replaced, from the statistics of a corpus; none without `--mask`."""
    if STATISTIC not in stats:
        return []
    named = (
        f"{count['places']:,} {kind} in {count['documents']:,} documents" for kind, count in stats[STATISTIC].items()
    )
    return [f"masked: {', '.join(named)}"]
