"""Writes one instance shard in one call: reads, tokenizes, generates, compresses, checks and renames."""

import time
from collections.abc import Callable
from typing import BinaryIO

import google_crc32c
from isal import isal_zlib

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.execution.merge_counts import merge_counts
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.execution.progress import ItemProgress
from beam_jobs.execution.run_once import ItemRow, content_hash, run_once
from beam_jobs.execution.shard_row import shard_row
from beam_jobs.execution.unfinished_run import require_in_charge
from beam_jobs.instances.counts import InstanceCounts
from beam_jobs.instances.generate import generate_instances
from beam_jobs.jobs.instances.job import InstanceJob
from beam_jobs.jobs.instances.plan_instances import InstanceItem
from beam_jobs.jobs.instances.read_sentences import read_loads
from beam_jobs.records import Shard
from beam_jobs.records.counter_random import path_key
from beam_jobs.storage.per_process import Pool, once_per_process
from beam_jobs.tokenizer.subword_tokenizer import SubwordTokenizer, shard_tokenizer
from beam_jobs.tokenizer.tokenize import ShardTokenizer
from vocab.vocabulary import Vocabulary, parse_vocabulary

STEP = "instances"
_COMPRESSION_LEVEL = 1  # of ISA-L; level 2 makes records 1 % smaller but takes longer
_CHECKSUM_BYTES = 1 << 18  # copied at a time, so that the copy stays in the processor's cache
_GZIP_WINDOW = 31  # zlib's code for a gzip header; ISA-L writes no time into it, so equal content gives equal bytes


def write_instance_shard(item: InstanceItem, job: InstanceJob) -> ItemRow:
    """Write the instance shard of `item` below the job's output and return its row, or the row of an earlier call.

    The row is a `shard_row` with `bytes_in`, `counts` (an `InstanceCounts` as JSON values), `sources` (bytes of each
    input file) and what the progress display reads. The vocabulary is the copy in `output`, which the driver has put
    there, so that workers on other machines find it.
    """
    made_from = content_hash(
        *((part.name, part.start, part.end, part.crc32c, part.file_size, part.version) for part in item.parts)
    )
    return run_once(job.output, STEP, _item_name(item), lambda: _write(item, job), made_from, run=job.hash)


def _item_name(item: InstanceItem) -> str:
    return item.name.replace("/", ".")


def _write(item: InstanceItem, job: InstanceJob) -> ItemRow:
    started, settings = time.monotonic(), job.settings
    progress = ItemProgress(job.output, STEP, _item_name(item))
    vocabulary = _vocabulary(job.vocabulary_path, job.vocabulary_sha256)
    counts = InstanceCounts.empty(
        settings.max_seq_length, settings.max_predictions_per_seq, len(settings.objective_rules.labels)
    )
    size = 0
    tokenizers = _tokenizers(
        job.vocabulary_path,
        job.vocabulary_sha256,
        job.lower_case,
        settings.max_input_chars_per_word,
        settings.shards_per_worker,
    )
    with (
        tokenizers.lend() as tokenizer,
        storage.atomic_writer(storage.join(job.output, item.name), temporary_folder(job.output)) as stream,
    ):
        file = _ShardFile(stream, settings.gzipped)
        for number, load in enumerate(read_loads(item.parts, int(2 * settings.shard_mb * 1e6))):
            read = 0
            for block in load:
                tokenizer.add(block)
                read += len(block)
            shard = tokenizer.finish()
            size += read
            key = path_key(settings.random_seed, item.index, *([number] if number else []))
            made = _progress_of_load(progress, read)
            counts = counts + generate_instances(shard, vocabulary, settings, key, file.write, made)
        file.finish()
        require_in_charge(job.output, job.hash, started)
    crc32c, content_crc32c = (checksum.hexdigest().decode() for checksum in (file.checksum, file.content_checksum))
    return shard_row(
        item.index,
        Shard(item.name, item.split, counts.instances, counts.documents, file.written, crc32c, content_crc32c),
        bytes_in=size,
        sources=merge_counts({part.name: {"bytes_in": part.size}} for part in item.parts),
        counts=counts.to_json(),
        progress=progress.finish(),
    )


class _ShardFile:
    """Compresses frames into a stream, and keeps the number of written bytes, their CRC-32C and that of the frames."""

    def __init__(self, stream: BinaryIO, gzipped: bool) -> None:
        self.written = 0
        self.checksum = google_crc32c.Checksum()
        self.content_checksum = google_crc32c.Checksum()
        self._stream = stream
        self._compressor = (
            isal_zlib.compressobj(_COMPRESSION_LEVEL, isal_zlib.DEFLATED, _GZIP_WINDOW) if gzipped else None
        )

    def write(self, frames: memoryview) -> None:
        for at in range(0, len(frames), _CHECKSUM_BYTES):
            self.content_checksum.update(bytes(frames[at : at + _CHECKSUM_BYTES]))  # it takes no memoryview
        self._put(self._compressor.compress(frames) if self._compressor else bytes(frames))

    def finish(self) -> None:
        if self._compressor:
            self._put(self._compressor.flush())

    def _put(self, data: bytes | memoryview) -> None:
        self.written += len(data)
        self.checksum.update(data)
        self._stream.write(data)


def _progress_of_load(progress: ItemProgress, size: int) -> Callable[[int, int], None]:
    """Counts the bytes of a load as done while its instances are made, since this is what takes the time."""
    done_before = 0

    def made(done: int, planned: int) -> None:
        nonlocal done_before
        progress.add(instances=done - done_before, bytes=size * done // planned - size * done_before // planned)
        done_before = done

    return made


@once_per_process
def _vocabulary(path: str, sha256: str) -> Vocabulary:
    vocabulary = parse_vocabulary(storage.read_bytes(path), path)
    if vocabulary.sha256 != sha256:
        raise UserError(f"{path} has changed since the job began; start again with an empty --output")
    return vocabulary


@once_per_process
def _tokenizers(
    path: str, sha256: str, lower_case: bool, max_input_chars_per_word: int, shards_per_worker: int
) -> Pool[ShardTokenizer | SubwordTokenizer]:
    """A pool of tokenizers, one for each shard in work. A tokenizer keeps its word cache from shard to shard."""
    vocabulary = _vocabulary(path, sha256)
    return Pool(lambda: shard_tokenizer(vocabulary, lower_case, max_input_chars_per_word), shards_per_worker)
