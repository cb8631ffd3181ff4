"""Counts words: of one item of the input in a worker, and of the corpus by adding up partitions of the words."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import google_crc32c

from beam_jobs import storage
from beam_jobs.documents.fetched_pieces import fetched_pieces
from beam_jobs.documents.read_documents import read_documents
from beam_jobs.errors import UserError
from beam_jobs.execution.merge_counts import merge_counts
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.execution.progress import ItemProgress
from beam_jobs.execution.run_once import ItemRow, forget, run_once, stored_row
from beam_jobs.faults.rejection_file import RejectionFile
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.plan_file import PlanLine, read_plan
from beam_jobs.inputs.plan_ranges import InputItem
from beam_jobs.inputs.require_unchanged import checked_meanwhile
from beam_jobs.jobs.vocabulary.job import VocabularyJob
from beam_jobs.records import WORK_FOLDER, Document
from beam_jobs.storage.in_order import both
from beam_jobs.storage.per_process import in_turn
from beam_jobs.text.normalise import normalise
from beam_jobs.text.word_counts import most_frequent, pack_counts, partition_counts, unpack_counts
from vocab.learning.word_counter import WordCounter

STEP = "count"
PARTITIONS = 64
MAX_DISTINCT_WORDS = 1_000_000
"""The most words for the learner, about 1 GB there.

The most frequent ones are kept, since rare words decide nothing.
"""

_COUNTS = storage.join(WORK_FOLDER, "counts")
_REJECTED = storage.join(WORK_FOLDER, "rejected")
_BATCH_CHARACTERS = 1 << 20  # characters that are counted together
_MAX_STRETCHES = 1 << 20  # distinct stretches of text in memory, about 150 MB

PackedCounts = tuple[int, bytes]
"""The number of a partition, and packed counts of its words."""


def count_words(line: PlanLine, job: VocabularyJob) -> ItemRow:
    """Count the words of the item of the plan at `line`; its row, or the row of an earlier call.

    The row holds `index`, `counts`, the path of a file below the output folder, `parts`, the lines of packed counts in
    that file (partition, offset, length; a partition may have several), `rejections` as in the segment job, and
    `totals`.
    """
    name = f"{line[0]:06d}"
    item, found = both(lambda: read_plan(line, job.output), lambda: stored_row(job.output, STEP, name))
    return run_once(job.output, STEP, name, lambda: _count(item, job), item.content, lambda *_: found, job.counts_hash)


def read_parts(row: ItemRow, output: str) -> Iterator[PackedCounts]:
    """The packed counts that belong to a row of `count_words`.

    Raises UserError if the file has changed since it was written. The next run makes it again.
    """
    path = storage.join(output, row["counts"])
    checksum = google_crc32c.Checksum()
    with storage.open_input(path) as stream:
        for partition, _, length in row["parts"]:
            packed = stream.read(length)
            checksum.update(packed)
            yield partition, packed
    if checksum.hexdigest().decode() != row["wrote"][row["counts"]][1]:
        forget(output, STEP, f"{row['index']:06d}")
        raise UserError(f"{path} was damaged after it had been written (CRC-32C); the same command makes it again")


def add_parts(partition: tuple[int, Iterable[bytes]]) -> tuple[bytes, int, int]:
    """The packed sum of the counts of one partition, its number of words, and its number of distinct words.

    The sum has at most `MAX_DISTINCT_WORDS / PARTITIONS` words, the most frequent ones.
    """
    total: dict[str, int] = {}
    for packed in partition[1]:
        for word, count in unpack_counts(packed).items():
            total[word] = total.get(word, 0) + count
    kept = most_frequent(total, MAX_DISTINCT_WORDS // PARTITIONS)
    return pack_counts(kept), sum(total.values()), len(total)


def _count(item: InputItem, job: VocabularyJob) -> ItemRow:
    name = f"{item.index:06d}"
    progress = ItemProgress(job.output, STEP, name)
    counts_name = storage.join(_COUNTS, f"{name}.bin")
    rejected_name = storage.join(_REJECTED, f"{name}.jsonl")
    counter = WordCounter(job.settings.lower_case)
    parts: list[list[int]] = []
    written = 0
    checksum = google_crc32c.Checksum()
    totals: dict[str, Any] = {}
    with in_turn(STEP, job.settings.shards_per_worker), ExitStack() as stack:
        check = stack.enter_context(checked_meanwhile())
        folder = temporary_folder(job.output)
        stream = stack.enter_context(storage.atomic_writer(storage.join(job.output, counts_name), folder))
        rejections = RejectionFile(storage.join(job.output, rejected_name), folder, stack)

        def empty_counter() -> None:
            nonlocal written
            for partition, counts in enumerate(partition_counts(counter.finish(), PARTITIONS)):
                if counts:
                    packed = pack_counts(counts)
                    stream.write(packed)
                    checksum.update(packed)
                    parts.append([partition, written, len(packed)])
                    written += len(packed)

        for piece, copy in fetched_pieces(item.pieces):
            faults = SourceFaults(piece.name, rejections.write)
            documents = 0
            read = read_documents(piece, job.reading, faults, check, copy)
            for text, of_documents in _batches(read, job, faults):
                counter.add(text)
                documents += of_documents
                progress.add(documents=of_documents, bytes=len(text))
                if counter.distinct > _MAX_STRETCHES:
                    empty_counter()
            found = {"documents": documents, "bytes_in": piece.size, **faults.counts()}
            totals = merge_counts([totals, found])
        empty_counter()
    wrote = {counts_name: [written, checksum.hexdigest().decode()]}
    if rejections.written:
        wrote[rejected_name] = rejections.wrote
    return {
        "index": item.index,
        "counts": counts_name,
        "parts": parts,
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
