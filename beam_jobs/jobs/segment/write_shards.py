"""Writes one sentence shard in one call: copies its blocks, checks them and renames the file."""

from collections.abc import Iterator

import google_crc32c

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.execution.progress import ItemProgress
from beam_jobs.execution.run_once import ItemRow, content_hash, forget, run_once
from beam_jobs.execution.shard_row import shard_row
from beam_jobs.jobs.segment.job import SEGMENT_STEP, SegmentJob
from beam_jobs.jobs.segment.plan_shards import SENTENCES_STEP, PlacedBlock, SentenceShard
from beam_jobs.records import Shard

STEP = SENTENCES_STEP
_COPY_BYTES = 1 << 20


def write_sentence_shard(shard: SentenceShard, job: SegmentJob) -> ItemRow:
    """Write a shard into the output folder and return its row, or the row of an earlier call.

    The row is a `shard_row`.
    """
    made_from = content_hash(*(placed.block.crc32c for placed in shard.blocks))
    return run_once(job.output, STEP, shard.name.replace("/", "."), lambda: _write(shard, job.output), made_from)


def _write(shard: SentenceShard, output: str) -> ItemRow:
    progress = ItemProgress(output, STEP, shard.name.replace("/", "."))
    checksum = google_crc32c.Checksum()
    written = 0
    with storage.atomic_writer(storage.join(output, shard.name), temporary_folder(output)) as target:
        for placed in shard.blocks:
            for data in _read(placed, output):
                checksum.update(data)
                target.write(data)
                written += len(data)
                progress.add(bytes=len(data))
    crc32c = checksum.hexdigest().decode()
    finished = Shard(
        name=shard.name,
        split=shard.split,
        records=sum(placed.block.sentences for placed in shard.blocks),
        documents=sum(placed.block.documents for placed in shard.blocks),
        bytes=written,
        crc32c=crc32c,
        content_crc32c=crc32c,
    )
    return shard_row(shard.index, finished, progress=progress.finish())


def _read(placed: PlacedBlock, output: str) -> Iterator[bytes]:
    """The bytes of a block.

    Raises UserError if they have changed since they were written; the next run makes them again.
    """
    left = placed.block.bytes
    checksum = google_crc32c.Checksum()
    path = storage.join(output, placed.text)
    with storage.open_input(path, placed.block.offset, placed.block.offset + left) as source:
        while left and (data := source.read(min(left, _COPY_BYTES))):
            left -= len(data)
            checksum.update(data)
            yield data
    if left or checksum.hexdigest().decode() != placed.block.crc32c:
        forget(output, SEGMENT_STEP, placed.item)
        raise UserError(
            f"{path} was damaged after it had been written (CRC-32C at byte {placed.block.offset}); "
            "the same command makes it again"
        )
