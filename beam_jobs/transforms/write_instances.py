"""One instance shard is one call: read, tokenize, generate, compress, check, rename."""

from functools import lru_cache

import google_crc32c
from isal import isal_zlib

from beam_jobs.counter_random import path_key
from beam_jobs.instances.counts import InstanceCounts
from beam_jobs.instances.generate import generate_instances
from beam_jobs.instances.tokenize import ShardTokenizer
from beam_jobs.transforms import storage
from beam_jobs.transforms.finished import Row, run_once
from beam_jobs.transforms.instance_job import InstanceJob
from beam_jobs.transforms.output_folder import temporary_folder
from beam_jobs.transforms.plan_instances import InstanceItem
from beam_jobs.transforms.progress import ItemProgress
from beam_jobs.transforms.read_sentences import read_loads
from beam_jobs.transforms.stats import merge_counts
from vocab.errors import UserError
from vocab.vocabulary import Vocabulary, parse_vocabulary

STEP = "instances"
_COMPRESSION_LEVEL = 1  # ISA-L: level 2 makes records 1 % smaller and takes longer
_GZIP_WINDOW = 31  # zlib's code for a gzip header; ISA-L writes no time into it, so equal content is equal bytes


def write_instance_shard(item: InstanceItem, job: InstanceJob) -> Row:
    """Write the instance shard of `item` below the job's output and return its row, or the row of an earlier call.

    The row holds the fields of `records.Shard`, `index`, `counts` (an `InstanceCounts` as JSON values), `sources` (bytes
    of each input file) and what `run_once` and the progress display read. The vocabulary is the copy in `output`,
    which the driver has put there, so that workers on other machines find it.
    """
    return run_once(job.output, STEP, _item_name(item), lambda: _write(item, job))


def _item_name(item: InstanceItem) -> str:
    return item.name.replace("/", ".")


def _write(item: InstanceItem, job: InstanceJob) -> Row:
    settings = job.settings
    progress = ItemProgress(job.output, STEP, _item_name(item))
    vocabulary = _vocabulary(job.vocabulary_path, job.vocabulary_sha256)
    tokenizer = _tokenizer(
        job.vocabulary_path, job.vocabulary_sha256, job.lower_case, settings.max_input_chars_per_word
    )
    counts = InstanceCounts.empty(settings.max_seq_length, settings.max_predictions_per_seq)
    checksum = google_crc32c.Checksum()
    written = read = 0
    with storage.atomic_writer(storage.join(job.output, item.name), temporary_folder(job.output)) as stream:
        compressor = isal_zlib.compressobj(_COMPRESSION_LEVEL, isal_zlib.DEFLATED, _GZIP_WINDOW)

        def put(data: bytes | memoryview) -> None:
            nonlocal written
            written += len(data)
            checksum.update(data)
            stream.write(data)

        def write(framed: memoryview) -> None:
            put(compressor.compress(framed) if settings.gzipped else framed)

        for number, load in enumerate(read_loads(item.parts, int(2 * settings.shard_mb * 1e6))):
            for block in load:
                tokenizer.add(block)
                read += len(block)
                progress.add(bytes=len(block))
            shard = tokenizer.finish()
            key = path_key(settings.random_seed, item.index, *([number] if number else []))
            made = generate_instances(shard, vocabulary, settings, key, write)
            counts = counts + made
            progress.add(instances=made.instances)
        if settings.gzipped:
            put(compressor.flush())
    return {
        "index": item.index,
        "name": item.name,
        "split": item.split,
        "records": counts.instances,
        "documents": counts.documents,
        "bytes": written,
        "crc32c": checksum.hexdigest().decode(),
        "bytes_in": read,
        "sources": merge_counts({part.name: {"bytes_in": part.size}} for part in item.parts),
        "counts": counts.to_json(),
        "wrote": {item.name: written},
        "progress": progress.finish(),
    }


@lru_cache(maxsize=2)
def _vocabulary(path: str, sha256: str) -> Vocabulary:
    vocabulary = parse_vocabulary(storage.read_bytes(path), path)
    if vocabulary.sha256 != sha256:
        raise UserError(f"{path} has changed since the job began; start again with an empty --output")
    return vocabulary


@lru_cache(maxsize=2)
def _tokenizer(path: str, sha256: str, lower_case: bool, max_input_chars_per_word: int) -> ShardTokenizer:
    """One per process: its word cache stays warm from shard to shard."""
    return ShardTokenizer(_vocabulary(path, sha256), lower_case, max_input_chars_per_word)
