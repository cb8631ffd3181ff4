"""Which documents of a batch the settings leave out, by filters that need to see nothing but the document itself."""

from dataclasses import dataclass

from beam_jobs.faults.language_table import LANGUAGES, count_declared
from beam_jobs.jobs.segment.document_batch import DocumentBatch
from beam_jobs.jobs.segment.filters.decontaminate import REASON as CONTAMINATED
from beam_jobs.jobs.segment.filters.decontaminate import STATISTIC as HELD_OUT
from beam_jobs.jobs.segment.filters.decontaminate import held_out_documents
from beam_jobs.jobs.segment.filters.dehyphenate import dehyphenate_batch
from beam_jobs.jobs.segment.filters.furniture import REASON as FURNITURE
from beam_jobs.jobs.segment.filters.furniture import furniture_batch
from beam_jobs.jobs.segment.filters.mask import mask_batch
from beam_jobs.jobs.segment.filters.quality import judge_quality
from beam_jobs.jobs.segment.filters.where import REASON as WHERE
from beam_jobs.jobs.segment.filters.where import judge_fields
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.source_counts import SourceCounts
from beam_jobs.language_detection.detect_languages import detect_languages
from beam_jobs.language_detection.judge_languages import JudgedLanguages, judge_languages
from beam_jobs.settings import SegmentSettings


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
    unfit, counted = judge_fields(batch, job.settings)
    counts.add_of_filter(counted)
    for number, detail in unfit.items():
        verdicts[number] = Verdict(WHERE, detail)
    batch, emptied, furniture = furniture_batch(batch, job.settings)
    counts.add_of_filter(furniture)
    for number in emptied:
        verdicts[number] = verdicts[number] or Verdict(FURNITURE, "no other line is left")
    batch, mended = dehyphenate_batch(batch, job)
    counts.add_of_filter(mended)
    batch, masked = mask_batch(batch, job.settings)
    counts.add_of_filter(masked)
    if job.settings.detects_languages:
        languages, foreign, table = _judge_languages(batch, job.settings)
        counts.add_of_filter({LANGUAGES: count_declared(table)})
        verdicts = [
            verdict or (Verdict("language", code) if code else None)
            for verdict, code in zip(verdicts, foreign, strict=True)
        ]
    quality = judge_quality(batch, languages, job.settings)
    batch = quality.batch
    counts.add_of_filter(quality.counts)
    for number, (rule, measured) in quality.dropped.items():
        verdicts[number] = verdicts[number] or Verdict(f"quality_{rule}", measured)
    for number, (file, words) in held_out_documents(batch, job.settings, job.output, job.held_out).items():
        if verdicts[number] is None:
            verdicts[number] = Verdict(CONTAMINATED, f"{file}: {words}")
            counts.add_of_filter({HELD_OUT: {file: 1}})
    return JudgedBatch(batch, languages, verdicts)


def _judge_languages(batch: DocumentBatch, settings: SegmentSettings) -> JudgedLanguages:
    """Of a pair, the first text decides: the second may be a translation, or code."""
    declared = [document.language for document in batch.documents]
    if settings.pair_field:
        batch = DocumentBatch(batch.documents, [text.partition("\n")[0] for text in batch.texts])
    detected = detect_languages(batch.texts, batch.utf8, batch.ends, settings.kept_languages)
    return judge_languages(declared, detected, settings.detect_language)
