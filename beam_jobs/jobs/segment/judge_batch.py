"""Which documents of a batch the settings leave out, by filters that need to see nothing but the document itself."""

from dataclasses import dataclass

from beam_jobs.jobs.segment.document_batch import DocumentBatch
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.source_counts import SourceCounts


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a document is left out: a short constant, and what explains it."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class JudgedBatch:
    """A batch after the filters: its texts, the languages whose rules cut them, and a verdict on each left out."""

    batch: DocumentBatch
    languages: list[str]
    verdicts: list[Verdict | None]


def judge_batch(batch: DocumentBatch, job: SegmentJob, counts: SourceCounts) -> JudgedBatch:
    """Judge the documents of a batch. The first filter that takes a document gives the reason.

    The order of the filters is part of what a corpus is. What a filter counts goes to `counts`, by the filter's name.
    """
    languages = [document.language for document in batch.documents]
    verdicts: list[Verdict | None] = [None] * len(languages)
    return JudgedBatch(batch, languages, verdicts)
