"""Runs the steps of the jobs on a sample of the input, in a local folder of its own, and measures the CPU time they take."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from beam_jobs import storage
from beam_jobs.estimates.estimate import Measured
from beam_jobs.execution.merge_counts import merge_counts
from beam_jobs.execution.run_once import ItemRow
from beam_jobs.inputs.plan_file import write_plan
from beam_jobs.inputs.plan_ranges import InputItem
from beam_jobs.inputs.sample_pieces import SAMPLE_BYTES, sample_pieces
from beam_jobs.jobs.instances.job import InstanceJob
from beam_jobs.jobs.instances.plan_instances import InstanceItem, SentenceRange
from beam_jobs.jobs.instances.write_instances import write_instance_shard
from beam_jobs.jobs.segment.filters.decontaminate import write_held_out
from beam_jobs.jobs.segment.filters.dehyphenate import write_word_counts
from beam_jobs.jobs.segment.job import SEGMENT_STEP, SegmentJob
from beam_jobs.jobs.segment.plan_shards import plan_shards_of_rows
from beam_jobs.jobs.segment.segment_ranges import segment_range
from beam_jobs.jobs.segment.write_shards import write_sentence_shard
from beam_jobs.jobs.vocabulary.count_words import count_words
from beam_jobs.jobs.vocabulary.counts_file import STEP as COUNT_STEP
from beam_jobs.jobs.vocabulary.job import VocabularyJob
from beam_jobs.storage.decompress import compression_ending

_WARM_BYTES = 1 << 14  # read once before: kernels are loaded at their first call
T = TypeVar("T")


def measure_segment(
    items: Sequence[InputItem], job: SegmentJob, folder: Path
) -> tuple[Measured, Measured, list[SentenceRange]]:
    """The two steps of the segment job on a sample, and the sample's sentence shards. `folder` is empty and local."""
    _segment(items, job, folder / "warm", _WARM_BYTES)
    item, row, seconds, shards, of_shards = _segment(items, job, folder / "sample", SAMPLE_BYTES)
    splits = row["counts"]["splits"].values()
    counts = {
        "documents": sum(split["num_documents"] for split in splits),
        "sentences": sum(split["num_sentences"] for split in splits),
        "rejected": sum(row["counts"].get("rejected", {}).values()),
    }
    text = sum(block["bytes"] for block in row["blocks"])
    sentences = [
        SentenceRange(str(folder / "sample" / shard["name"]), shard["name"], 0, -1, shard["bytes"]) for shard in shards
    ]
    ranges = Measured("segment", item.size, text, seconds, counts)
    return ranges, Measured("sentences", text, text, of_shards, {}), sentences


def _segment(
    items: Sequence[InputItem], job: SegmentJob, folder: Path, size: int
) -> tuple[InputItem, ItemRow, float, list[ItemRow], float]:
    job = replace(job, output=str(folder))
    folder.mkdir()
    item = sample_pieces(items, str(folder / "heads"), size)
    lines = write_plan([item], job.output, SEGMENT_STEP)
    write_held_out(job.output, job.settings, job.held_out)
    write_word_counts(job, [item])
    row, seconds = _timed(lambda: segment_range(lines[0], job))
    shards = plan_shards_of_rows([row], job)
    rows, of_shards = _timed(lambda: [write_sentence_shard(shard, job) for shard in shards])
    return item, row, seconds, rows, of_shards


def measure_instances(parts: Sequence[SentenceRange], job: InstanceJob, vocabulary: bytes, folder: Path) -> Measured:
    """The instances job on these parts of sentence files. `folder` is empty and local."""
    ending = ".tfrecord.gz" if job.settings.gzipped else ".tfrecord"
    folder.mkdir(parents=True, exist_ok=True)
    job = replace(job, output=str(folder))
    storage.write_atomically(job.vocabulary_path, vocabulary)

    def work(number: int, parts: Sequence[SentenceRange]) -> ItemRow:
        size = sum(part.size for part in parts)
        item = InstanceItem(number, f"instances-{number:05d}-of-00002{ending}", "train", size, tuple(parts))
        return write_instance_shard(item, job)

    some = [
        replace(part, end=min(_WARM_BYTES, part.size)) if part.end < 0 and not _packed(part) else part
        for part in parts[:1]
    ]
    work(1, some)
    row, seconds = _timed(lambda: work(0, parts))
    counts = {"documents": row["documents"], "instances": row["records"]}
    return Measured("instances", sum(part.size for part in parts), row["bytes"], seconds, counts)


def sample_sentences(items: Sequence[InstanceItem], folder: str) -> list[SentenceRange]:
    """Stretches from all over the sentence files of an instances job, as `sample_pieces` chooses them."""
    from beam_jobs.inputs.plan_ranges import InputPiece

    pieces = []
    for item in items:
        for part in item.parts:
            name = part.name if part.name.lower().endswith((".txt", ".gz", ".bz2", ".zst")) else f"{part.name}.txt"
            end = part.end if part.end >= 0 or _packed(part) else part.size
            pieces.append(InputPiece(part.uri, name, part.name, part.start, end, part.size))
    sample = sample_pieces([InputItem(0, sum(piece.size for piece in pieces), tuple(pieces))], folder)
    return [SentenceRange(piece.uri, piece.name, piece.start, piece.end, piece.size) for piece in sample.pieces]


def _packed(part: SentenceRange) -> bool:
    return bool(compression_ending(part.uri))


def measure_vocabulary(items: Sequence[InputItem], job: VocabularyJob, folder: Path) -> Measured:
    """The counting of words on a sample. `folder` is empty and local."""
    _count(items, job, folder / "warm", _WARM_BYTES)
    item, row, seconds = _count(items, job, folder / "sample", SAMPLE_BYTES)
    written = row["wrote"][row["counts"]][0]
    totals: dict[str, Any] = merge_counts([row["totals"]])
    counts = {"documents": totals["documents"], "rejected": sum(totals.get("rejected", {}).values())}
    return Measured("count", item.size, written, seconds, counts)


def _count(items: Sequence[InputItem], job: VocabularyJob, folder: Path, size: int) -> tuple[InputItem, ItemRow, float]:
    job = replace(job, output=str(folder))
    folder.mkdir()
    item = sample_pieces(items, str(folder / "heads"), size)
    lines = write_plan([item], job.output, COUNT_STEP)
    row, seconds = _timed(lambda: count_words(lines[0], job))
    return item, row, seconds


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """The result of `work()` and the CPU seconds that all threads of this process took for it."""
    before = time.process_time()
    result = work()
    return result, time.process_time() - before
