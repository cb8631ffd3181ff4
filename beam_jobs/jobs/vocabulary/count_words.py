"""Counts the words of one item of the input."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import google_crc32c

from beam_jobs import storage
from beam_jobs.documents.fetched_pieces import fetched_pieces
from beam_jobs.documents.read_documents import read_documents
from beam_jobs.execution.merge_counts import merge_counts
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.execution.progress import ItemProgress
from beam_jobs.execution.run_once import ItemRow, content_hash, run_once, stored_row
from beam_jobs.faults.rejection_file import RejectionFile
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.plan_file import PlanLine, read_plan
from beam_jobs.inputs.plan_ranges import InputItem
from beam_jobs.inputs.require_unchanged import checked_meanwhile
from beam_jobs.jobs.vocabulary.counts_file import STEP, Run, write_run
from beam_jobs.jobs.vocabulary.job import VocabularyJob
from beam_jobs.records import WORK_FOLDER, Document
from beam_jobs.storage.in_order import both
from beam_jobs.storage.per_process import in_turn
from beam_jobs.text.normalise import normalise
from beam_jobs.tokenizer.word_counter import ByteWordCounter

_COUNTS = storage.join(WORK_FOLDER, "counts")
_REJECTED = storage.join(WORK_FOLDER, "rejected")
_BATCH_CHARACTERS = 1 << 20  # characters that are counted together
_MAX_CHUNKS = 750_000  # distinct chunks of text in memory
_MAX_MEMORY = 128 << 20  # bytes that these take; 32 MB unless they are long


def count_words(line: PlanLine, job: VocabularyJob) -> ItemRow:
    """Count the words of the item of the plan at `line`; its row, or the row of an earlier call.

    The row holds `index`, `counts`, the path of a file below the output folder, `runs` of packed counts in that file
    (`counts_file.py`), `rejections` as in the segment job, and `totals`.
    """
    name = f"{line[0]:06d}"
    item, found = both(lambda: read_plan(line, job.output), lambda: stored_row(job.output, STEP, name))
    made_from = content_hash(item.content, "runs")  # rows of older versions have no runs
    return run_once(job.output, STEP, name, lambda: _count(item, job), made_from, lambda *_: found, job.counts_hash)


def _count(item: InputItem, job: VocabularyJob) -> ItemRow:
    name = f"{item.index:06d}"
    progress = ItemProgress(job.output, STEP, name)
    counts_name = storage.join(_COUNTS, f"{name}.bin")
    rejected_name = storage.join(_REJECTED, f"{name}.jsonl")
    counter = ByteWordCounter(job.settings.lower_case)
    runs: list[Run] = []
    checksum = google_crc32c.Checksum()
    totals: dict[str, Any] = {}
    with in_turn(STEP, job.settings.shards_per_worker), ExitStack() as stack:
        check = stack.enter_context(checked_meanwhile())
        folder = temporary_folder(job.output)
        stream = stack.enter_context(storage.atomic_writer(storage.join(job.output, counts_name), folder))
        rejections = RejectionFile(storage.join(job.output, rejected_name), folder, stack)

        def write(packed: bytes) -> None:
            stream.write(packed)
            checksum.update(packed)

        for piece, copy in fetched_pieces(item.pieces):
            faults = SourceFaults(piece.name, rejections.write)
            documents = 0
            read = read_documents(piece, job.reading, faults, check, copy)
            for text, of_documents in _batches(read, job, faults):
                counter.add(text)
                documents += of_documents
                progress.add(documents=of_documents, bytes=len(text))
                if counter.distinct > _MAX_CHUNKS or counter.memory > _MAX_MEMORY:
                    runs.append(write_run(counter.finish(), job.slices, write))
            found = {"documents": documents, "bytes_in": piece.size, **faults.counts()}
            totals = merge_counts([totals, found])
        runs.append(write_run(counter.finish(), job.slices, write))
    wrote = {counts_name: [sum(length for run in runs for length, _ in run), checksum.hexdigest().decode()]}
    if rejections.written:
        wrote[rejected_name] = rejections.wrote
    return {
        "index": item.index,
        "counts": counts_name,
        "runs": runs,
        "rejections": rejected_name if rejections.written else "",
        "totals": totals,
        "wrote": wrote,
        "progress": progress.finish(),
    }


def _batches(documents: Iterable[Document], job: VocabularyJob, faults: SourceFaults) -> Iterator[tuple[str, int]]:
    """The normalised text of the documents, many documents at a time, joined by newlines, with their number."""
    plain = job.settings.normalize == "none"
    texts: list[str] = []
    size = 0

    for document in documents:
        texts.append(faults.encodable(document.text) if plain else normalise(document.text))
        size += len(document.text)
        if size >= _BATCH_CHARACTERS:
            yield "\n".join(texts), len(texts)
            texts, size = [], 0
    if texts:
        yield "\n".join(texts), len(texts)
