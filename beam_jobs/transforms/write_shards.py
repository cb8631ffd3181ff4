"""One sentence shard is one call: copy its blocks together, check, rename."""

from collections.abc import Iterator

import google_crc32c

from beam_jobs.transforms import storage
from beam_jobs.transforms.finished import Row, run_once
from beam_jobs.transforms.output_folder import temporary_folder
from beam_jobs.transforms.plan_shards import SENTENCES_STEP, PlacedBlock, SentenceShard
from beam_jobs.transforms.progress import ItemProgress
from beam_jobs.transforms.segment_job import SegmentJob

STEP = SENTENCES_STEP
_COPY_BYTES = 1 << 20


def write_sentence_shard(shard: SentenceShard, job: SegmentJob) -> Row:
    """Write a shard into the output folder and return its row, or the row of an earlier call.

    The row holds `index` and the fields of `records.Shard`.
    """
    return run_once(job.output, STEP, shard.name.replace("/", "."), lambda: _write(shard, job.output))


def _write(shard: SentenceShard, output: str) -> Row:
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
    return {
        "index": shard.index,
        "name": shard.name,
        "split": shard.split,
        "records": sum(placed.block.sentences for placed in shard.blocks),
        "documents": sum(placed.block.documents for placed in shard.blocks),
        "bytes": written,
        "crc32c": checksum.hexdigest().decode(),
        "wrote": {shard.name: written},
        "progress": progress.finish(),
    }


def _read(placed: PlacedBlock, output: str) -> Iterator[bytes]:
    left = placed.block.bytes
    with storage.open_input(storage.join(output, placed.text), placed.block.offset) as source:
        while left:
            data = source.read(min(left, _COPY_BYTES))
            if not data:
                raise OSError(f"{placed.text} is {left} bytes shorter than its row says")
            left -= len(data)
            yield data
