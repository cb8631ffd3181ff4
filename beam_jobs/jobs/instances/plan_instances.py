"""Decides which bytes of the sentence shards go into which instance shard.

A sentence shard of the segment job is one item. Other files may have any size: a large one is cut into equal ranges,
and very small ones are joined. So every item is about one shard of text, and holds more than one document, as
next-sentence pairs need.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from beam_jobs.inputs.find_sentences import SentenceFile
from beam_jobs.records import shard_name
from beam_jobs.storage.decompress import compression_ending

_SMALL = 0.01  # files below this share of a shard are joined with their neighbours
_LARGE = 1.5  # files above this many shards are cut


@dataclass(frozen=True)
class SentenceRange:
    """The documents of a sentence file that begin in [start, end). `end` -1 means the end of the file."""

    uri: str
    name: str
    start: int
    end: int
    size: int  # bytes of the range, or of the whole, perhaps compressed, file
    crc32c: str = ""
    file_size: int = -1  # bytes of the whole file when the plan was made; -1: not checked
    version: str = ""


@dataclass(frozen=True)
class InstanceItem:
    """The work of one call, which makes the instance shard `name` from these parts."""

    index: int
    name: str
    split: str
    size: int  # bytes of (perhaps compressed) input
    parts: tuple[SentenceRange, ...]


def plan_instances(files: Sequence[SentenceFile], shard_bytes: int, gzipped: bool) -> list[InstanceItem]:
    """The items of an instances job. They depend only on the names and sizes of the files.

    Args:
        files: the sentence files; their order does not matter.
        shard_bytes: the approximate amount of text for an item. Shards from a manifest are not cut or joined.
        gzipped: whether the instance shards' names end in `.gz`.
    """
    groups: list[tuple[str, list[SentenceRange], int]] = []
    for split in sorted({file.split for file in files}):
        chosen = sorted((file for file in files if file.split == split), key=lambda file: (file.name, file.uri))
        groups += [(split, parts, size) for parts, size in _group(chosen, shard_bytes)]
    counts = Counter(split for split, _, _ in groups)
    ending = ".tfrecord.gz" if gzipped else ".tfrecord"
    items, seen = [], dict.fromkeys(counts, 0)
    for index, (split, parts, size) in enumerate(groups):
        name = shard_name("instances", seen[split], counts[split], split, ending)
        seen[split] += 1
        items.append(InstanceItem(index, name, split, size, tuple(parts)))
    return items


def _group(files: Iterable[SentenceFile], shard_bytes: int) -> list[tuple[list[SentenceRange], int]]:
    groups: list[tuple[list[SentenceRange], int]] = []
    small: list[SentenceRange] = []
    small_size = 0
    for file in files:
        whole = SentenceRange(file.uri, file.name, 0, -1, file.size, file.crc32c, file.size, file.version)
        if file.crc32c or (compression_ending(file.uri) and file.size >= _SMALL * shard_bytes):
            groups.append(([whole], file.size))
        elif file.size > _LARGE * shard_bytes:
            groups += [([part], part.size) for part in _cut(file, shard_bytes)]
        elif file.size >= _SMALL * shard_bytes:
            groups.append(([whole], file.size))
        else:
            if small and small_size + file.size > shard_bytes:
                groups.append((small, small_size))
                small, small_size = [], 0
            small.append(whole)
            small_size += file.size
    if small:
        groups.append((small, small_size))
    return groups


def _cut(file: SentenceFile, shard_bytes: int) -> list[SentenceRange]:
    count = max(1, round(file.size / shard_bytes))
    edges = [file.size * i // count for i in range(count + 1)]
    return [
        SentenceRange(file.uri, file.name, start, end, end - start, file.crc32c, file.size, file.version)
        for start, end in pairwise(edges)
    ]
