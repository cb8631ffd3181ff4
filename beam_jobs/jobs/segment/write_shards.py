"""Writes one sentence shard in one call: copies its blocks, checks them and renames the file."""

import time
from collections.abc import Iterator
from typing import BinaryIO

import google_crc32c

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.execution.progress import ItemProgress
from beam_jobs.execution.run_once import ItemRow, content_hash, forget, run_once
from beam_jobs.execution.shard_row import shard_row
from beam_jobs.execution.unfinished_run import require_in_charge
from beam_jobs.jobs.segment.duplicate_rounds.lost_text import lost_bytes_left_out
from beam_jobs.jobs.segment.job import SEGMENT_STEP, SegmentJob
from beam_jobs.jobs.segment.plan_shards import SENTENCES_STEP, PlacedBlock, SentenceShard
from beam_jobs.records import Shard
from beam_jobs.storage.in_order import in_order

STEP = SENTENCES_STEP
_COPY_BYTES = 1 << 20
_OPEN_AT_ONCE = 8  # blocks of at most 4 MiB


def write_sentence_shard(shard: SentenceShard, job: SegmentJob) -> ItemRow:
    """Write a shard into the output folder and return its row, or the row of an earlier call.

    The row is a `shard_row`.
    """
    made_from = content_hash(*(crc32c for placed in shard.blocks for crc32c in _content(placed)))
    return run_once(job.output, STEP, shard.name.replace("/", "."), lambda: _write(shard, job), made_from, run=job.hash)


def _write(shard: SentenceShard, job: SegmentJob) -> ItemRow:
    started, output = time.monotonic(), job.output
    progress = ItemProgress(output, STEP, shard.name.replace("/", "."))
    checksum = google_crc32c.Checksum()
    written = 0
    with storage.atomic_writer(storage.join(output, shard.name), temporary_folder(output)) as target:
        sources = in_order(lambda placed: _open(placed, output), shard.blocks, _OPEN_AT_ONCE)
        for placed, source in zip(shard.blocks, sources, strict=True):
            for data in _read(placed, source, output):
                checksum.update(data)
                target.write(data)
                written += len(data)
                progress.add(bytes=len(data))
        require_in_charge(output, job.hash, started)
    crc32c = checksum.hexdigest().decode()
    finished = Shard(
        name=shard.name,
        split=shard.split,
        records=sum(placed.sentences for placed in shard.blocks),
        documents=sum(placed.documents for placed in shard.blocks),
        bytes=written,
        crc32c=crc32c,
        content_crc32c=crc32c,
    )
    return shard_row(shard.index, finished, progress=progress.finish())


def _content(placed: PlacedBlock) -> list[str]:
    return [placed.block.crc32c, *([place.crc32c for place in placed.lost.places] if placed.lost else [])]


def _open(placed: PlacedBlock, output: str) -> BinaryIO:
    """A stream at the beginning of a block. From an object store, the block is fetched already."""
    start = placed.block.offset
    return storage.open_input(storage.join(output, placed.text), start, start + placed.block.bytes)


def _read(placed: PlacedBlock, source: BinaryIO, output: str) -> Iterator[bytes]:
    """The bytes of a block, without those of removed documents, of which `source` is opened.

    Raises UserError if they have changed since they were written; the next run makes them again.
    """
    left = placed.block.bytes
    checksum = google_crc32c.Checksum()
    leave_out = lost_bytes_left_out(placed.lost, output)
    with source:
        while left and (data := source.read(min(left, _COPY_BYTES))):
            left -= len(data)
            checksum.update(data)
            yield leave_out(data)
    if left or checksum.hexdigest().decode() != placed.block.crc32c:
        forget(output, SEGMENT_STEP, placed.item)
        raise UserError(
            f"{storage.join(output, placed.text)} was damaged after it had been written "
            f"(CRC-32C at byte {placed.block.offset}); the same command makes it again"
        )
