"""Mends divided words of a batch of documents, by the counts of a sample of the corpus that the launch has made."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from beam_jobs import storage
from beam_jobs.dehyphenation.mend_texts import mend_texts
from beam_jobs.dehyphenation.word_counts import WordCounter, WordCounts, counts_from_bytes
from beam_jobs.documents.fetched_pieces import fetched_pieces
from beam_jobs.documents.read_documents import read_documents
from beam_jobs.execution.output_folder import write_output
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.plan_ranges import InputItem, work_bytes
from beam_jobs.inputs.sample_items import sample_items
from beam_jobs.jobs.segment.document_batch import DocumentBatch, clean_batches
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.records import WORK_FOLDER, Rejection
from beam_jobs.settings import SegmentSettings
from beam_jobs.storage.per_process import once_per_process

STATISTIC = "dehyphenated"
_PART = 1 << 20  # characters that are counted at once
_MORE = 16 << 20  # characters more than its share that an item may give, as items differ in size


def write_word_counts(job: SegmentJob, items: Sequence[InputItem], tell: bool = False) -> None:
    """Count the words of a sample of the input into the work folder, unless an earlier launch of the same job has done so.

    Nothing is done without `--dehyphenate`. `tell` says on standard error that the words are counted, which can take a minute.
    """
    settings = job.settings
    if settings.dehyphenate == "off" or storage.exists(storage.join(job.output, _file(job.reusable[1]))):
        return
    wanted = int(settings.dehyphenate_sample_mb * 1e6)
    sample = sample_items(items, wanted)
    if tell:
        size = sum(map(work_bytes, sample))
        about = min(wanted, size) if wanted else size
        print(f"beambert: --dehyphenate: counts the words of {about / 1e6:,.1f} MB of the input", file=sys.stderr)
    counts = _count(sample, settings, -(-wanted // len(sample)) + _MORE if wanted and sample else 0)
    write_output(job.output, _file(job.reusable[1]), counts.to_bytes())


def dehyphenate_batch(batch: DocumentBatch, job: SegmentJob) -> tuple[DocumentBatch, dict[str, Any]]:
    """The batch with divided words mended, and what was done in how many places."""
    mode = job.settings.dehyphenate
    if mode == "off":
        return batch, {}
    mended = mend_texts(batch.texts, _word_counts(job.output, job.reusable[1]), mode == "all")
    counts = {"joined": mended.joined, "hyphenated": mended.hyphenated, "kept": mended.kept}
    changed = mended.joined or mended.hyphenated
    return DocumentBatch(batch.documents, mended.texts) if changed else batch, {STATISTIC: counts}


def dehyphenated_lines(stats: Mapping[str, Any]) -> list[str]:
    """A line for users, from the statistics of a corpus; none without `--dehyphenate`."""
    if STATISTIC not in stats:
        return []
    found = stats[STATISTIC]
    return [
        f"divided words: {found['joined']:,} joined, {found['hyphenated']:,} joined with their hyphen, "
        f"{found['kept']:,} places left as they are"
    ]


def _count(items: Iterable[InputItem], settings: SegmentSettings, most: int) -> WordCounts:
    counter = WordCounter()
    for item in items:
        for text in _texts(item, settings, most):
            counter.add(text)
    return counter.finish()


def _texts(item: InputItem, settings: SegmentSettings, most: int) -> Iterator[str]:
    """The text of an item, at least its first `most` characters (all if 0): an item can be a huge file that is not cut."""
    characters = 0
    for piece, copy in fetched_pieces(item.pieces):
        faults = SourceFaults(piece.name, _pass_over)
        for batch in clean_batches(read_documents(piece, settings, faults, copy=copy), settings, faults):
            for text in _parts(batch.texts):
                yield text
                characters += len(text)
            if most and characters >= most:
                return


def _parts(texts: Sequence[str]) -> Iterator[str]:
    """The texts of a batch, a newline between them, in parts that bound the memory of counting."""
    text = "\n".join(texts)
    for begin in range(0, len(text), _PART):
        yield text[begin : begin + _PART]


def _pass_over(rejection: Rejection) -> None:
    """The ranges tell what was set aside."""


def _file(hash: str) -> str:
    return storage.join(WORK_FOLDER, "words", f"{hash}.bin")


@once_per_process
def _word_counts(output: str, hash: str) -> WordCounts:
    return counts_from_bytes(storage.read_bytes(storage.join(output, _file(hash))))
