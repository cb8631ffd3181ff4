"""The work of one item without the work: the rows that the real functions would return, and no text and no instances.

For `full_corpus_simulation.py`. The functions take the places of `_segment` and of the two `_write` of the jobs.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from beam_jobs import storage
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.execution.progress import ItemProgress
from beam_jobs.execution.shard_row import shard_row
from beam_jobs.faults.rejection_file import RejectionFile
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.jobs.segment import segment_ranges
from beam_jobs.jobs.segment.block_writer import TextBlock, block_bytes
from beam_jobs.jobs.segment.job import TEXTS
from beam_jobs.jobs.segment.source_counts import SourceCounts
from beam_jobs.records import Shard

REJECTED = 10  # documents of each range
HELD_OUT = 0.01  # of the documents and bytes
_REASONS = ("no_sentence", "broken_json", "text_missing")


@dataclass
class Step:
    """What one step of the driver cost, in one call or in several."""

    cpu_s: float = 0.0
    peak_mb: float = 0.0


@dataclass
class Simulation:
    """What the simulated work needs to know, and what was measured."""

    documents: int = 0  # in the input
    ranges: int = 0
    text_share: float = 1.0
    sentence_bytes: float = 100.0
    sentence_lengths: list[int] = field(default_factory=list)
    instance_counts: dict[str, Any] = field(default_factory=dict)
    instances_per_byte: float = 0.0
    bytes_per_instance: float = 0.0
    item_cpu_s: float = 0.0  # of the simulated work itself
    peak_mb: float = 0.0
    steps: dict[str, Step] = field(default_factory=dict)
    elements: dict[str, int] = field(default_factory=dict)  # bytes of the largest, as Beam's coder writes them
    blocks: int = 0
    documents_of_shard: dict[str, int] = field(default_factory=dict)
    generated: float = 0.0  # instances that were due so far, to spread the remainder


NOW = Simulation()
"""The one simulation of this process."""


def segment(item: Any, job: Any) -> Any:
    start = time.thread_time()
    settings, output = job.settings, job.output
    name, chance = f"{item.index:06d}", random.Random(item.index)
    progress = ItemProgress(output, segment_ranges.STEP, name)
    total = NOW.documents * (item.index + 1) // NOW.ranges - NOW.documents * item.index // NOW.ranges
    held_out = round((total - REJECTED) * HELD_OUT)
    documents = {"train": total - REJECTED - held_out, "dev": held_out}
    text_bytes = int(item.size * NOW.text_share)
    text_name = storage.join(TEXTS, f"{name}.txt")
    rejected_name = storage.join(segment_ranges._REJECTED, f"{name}.jsonl")
    counts = SourceCounts()
    (piece,) = item.pieces
    blocks: list[dict[str, Any]] = []
    written = 0
    for split, number in documents.items():
        size = int(text_bytes * number / sum(documents.values()))
        sentences = round(size / NOW.sentence_bytes)
        counts._of[piece.source, split] = [number, sentences, size]
        for part, share in _shares(size, block_bytes(settings.shard_mb * 1e6), chance):
            blocks.append(
                TextBlock(
                    split,
                    written,
                    part,
                    *(share(whole) for whole in (number, sentences)),
                    f"{chance.getrandbits(32):08x}",
                ).to_json()
            )
            written += part
    counts._sentence_lengths = Counter(dict(enumerate(NOW.sentence_lengths)))
    with ExitStack() as stack:
        rejections = RejectionFile(storage.join(output, rejected_name), temporary_folder(output), stack)
        faults = SourceFaults(piece.name, rejections.write)
        faults.bytes_read = piece.size
        for number in range(REJECTED):
            reason = _REASONS[number % len(_REASONS)]
            faults.reject(number * 1000, 200, reason, "as a simulated document has it", f"{item.index}-{number}")
        counts.add_faults(piece, faults)
    row = {
        "index": item.index,
        "text": text_name,
        "rejections": rejected_name,
        "filtered": "",
        "blocks": blocks,
        "counts": counts.to_row(item),
        "wrote": {text_name: [written, ""], rejected_name: rejections.wrote},
        "progress": progress.finish(),
    }
    NOW.item_cpu_s += time.thread_time() - start
    return row


def _shares(size: int, most: int, chance: random.Random) -> list[tuple[int, Callable[[int], int]]]:
    """Sizes of blocks that are nearly full, and for each a function that gives its share of a whole number."""
    edges = [0]
    while size - edges[-1] > most:
        edges.append(edges[-1] + int(most * chance.uniform(0.97, 1)))
    edges.append(size)

    def share(start: int, end: int) -> Callable[[int], int]:
        return lambda whole: whole * end // size - whole * start // size

    return [(end - start, share(start, end)) for start, end in pairwise(edges)]


def write_sentences(shard: Any, output: str) -> Any:
    start = time.thread_time()
    NOW.documents_of_shard[shard.name] = sum(placed.block.documents for placed in shard.blocks)
    crc32c = f"{random.Random(shard.index).getrandbits(32):08x}"
    finished = Shard(
        name=shard.name,
        split=shard.split,
        records=sum(placed.block.sentences for placed in shard.blocks),
        documents=NOW.documents_of_shard[shard.name],
        bytes=shard.bytes,
        crc32c=crc32c,
        content_crc32c=crc32c,
    )
    row = shard_row(shard.index, finished, progress={"bytes": shard.bytes})
    NOW.item_cpu_s += time.thread_time() - start
    return row


def write_instances(item: Any, job: Any) -> Any:
    start = time.thread_time()
    size = sum(part.size for part in item.parts)
    NOW.generated += size * NOW.instances_per_byte
    times = max(1, round(NOW.generated / NOW.instance_counts["instances"]))
    NOW.generated -= times * NOW.instance_counts["instances"]
    counts = _times(NOW.instance_counts, times)
    counts["documents"] = sum(NOW.documents_of_shard[part.name] for part in item.parts)
    records = counts["instances"]
    crc32c = f"{random.Random(-1 - item.index).getrandbits(32):08x}"
    written = int(records * NOW.bytes_per_instance)
    shard = Shard(item.name, item.split, records, counts["documents"], written, crc32c, crc32c)
    sources = {part.name: {"bytes_in": part.size} for part in item.parts}
    progress = {"instances": records, "bytes": size}
    row = shard_row(item.index, shard, bytes_in=size, sources=sources, counts=counts, progress=progress)
    NOW.item_cpu_s += time.thread_time() - start
    return row


def _times(value: Any, factor: int) -> Any:
    if isinstance(value, dict):
        return {key: _times(entry, factor) for key, entry in value.items()}
    return [entry * factor for entry in value] if isinstance(value, list) else value * factor
