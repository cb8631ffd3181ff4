"""Tells whether two corpora hold the same records in the same order, however their shards are compressed.

The bytes of a gzipped file depend on the processor and the library that compressed it. Records do not, so corpora that
were made on different machines are compared by their uncompressed bytes: by the checksums of these in two manifests, or
by reading both.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.inspection.inspected_corpus import corpus_folder, list_shards, read_manifest
from beam_jobs.records import Shard
from beam_jobs.records.tfrecord_frames import FRAME_FOOTER, FRAME_HEADER
from beam_jobs.records.tfrecord_stream import EmptyShardError, read_record_batches
from beam_jobs.storage import DamagedFileError

_CHUNK_BYTES = 4 << 20
_ENDINGS = (".gz", ".zst", ".bz2")
_UNITS = {"instances": "record", "sentences": "line"}


@dataclass(frozen=True)
class _Side:
    """One of the two corpora: the URI of each shard by its name without the ending of its compression."""

    path: str
    kind: str  # of its manifest; "instances" if it has none
    uris: dict[str, str]
    listed: dict[str, Shard]  # the entries of its manifest; empty if it has none


@dataclass(frozen=True)
class _Piece:
    """Uncompressed bytes (uint8) of a shard, and the index of the record that holds a byte of them."""

    data: np.ndarray
    record_at: Callable[[int], int]


def compare(paths: Sequence[str], check_all: bool, max_num_cpus: int = 0) -> int:
    """Print whether the corpora at the two `paths` hold the same records. Returns 0 if they do, else 1.

    Shards are only read if a manifest lacks the checksum of their content, if checksums differ (to find the first
    different record), or with `check_all`.

    Raises:
        UserError: there are not two paths, one of them holds no shard, or a shard is damaged.
    """
    if len(paths) != 2:
        raise UserError(f"--compare takes two corpora, but {len(paths)} paths were given; name two folders or shards")
    first, second = map(_open, paths)
    if first.kind != second.kind:
        print(f"different: {first.path} holds {first.kind}, {second.path} holds {second.kind}")
        return 1
    if len(first.uris) == len(second.uris) == 1:  # two shards, whatever their names
        names = [(next(iter(first.uris)), next(iter(second.uris)))]
    elif alone := sorted(first.uris.keys() ^ second.uris.keys()):
        place = first.path if alone[0] in first.uris else second.path
        print(f"different: only {place} has shard {alone[0]} ({len(first.uris):,} and {len(second.uris):,} shards)")
        return 1
    else:
        names = [(name, name) for name in sorted(first.uris)]
    checksums = [(first.listed.get(a), second.listed.get(b)) for a, b in names]
    known = all(a and b and a.content_crc32c and b.content_crc32c for a, b in checksums)
    if known and not check_all:
        unequal = [
            pair for pair, (a, b) in zip(names, checksums, strict=True) if a and b and _content(a) != _content(b)
        ]
        how = "by the checksums of content in both manifests; --check all reads the shards"
    else:
        unequal, how = names, "all were read"
    difference = _first_difference(first, second, unequal, max_num_cpus)
    if difference:
        print(f"different: {difference}")
        return 1
    if known and not check_all and unequal:
        print(
            f"different: the manifests differ about shard {unequal[0][0]}, but the files are equal; one is out of date"
        )
        return 1
    print(f"same records: {first.path} and {second.path}, {len(names):,} shard{'s' * (len(names) > 1)} ({how})")
    return 0


def _open(path: str) -> _Side:
    folder = corpus_folder(path)
    manifest = read_manifest(folder) if folder else None
    if manifest is None:
        uris = {_stem(shard.name): shard.uri for shard in list_shards(path)}
        return _Side(path, "instances", uris, {})
    listed = {_stem(shard.name): shard for shard in manifest.shards}
    uris = {name: storage.join(folder, shard.name) for name, shard in listed.items()}
    return _Side(path, manifest.kind, uris, listed)


def _stem(name: str) -> str:
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return name


def _content(shard: Shard) -> tuple[int, str]:
    return shard.records, shard.content_crc32c


def _first_difference(first: _Side, second: _Side, names: Sequence[tuple[str, str]], max_num_cpus: int) -> str:
    """Where the first of these shards that differ do so, in words; empty if all are equal."""
    pieces = _instances if first.kind == "instances" else _sentences

    def difference(pair: tuple[str, str]) -> int | None:
        return _different_record(pieces(first.uris[pair[0]]), pieces(second.uris[pair[1]]))

    pool = ThreadPoolExecutor(max_num_cpus or os.cpu_count() or 1)  # decompression and scanning hold no lock
    try:
        for (name, _), record in zip(names, pool.map(difference, names), strict=True):
            if record is not None:
                return f"shard {name}, {_UNITS[first.kind]} {record:,}"
    finally:
        pool.shutdown(cancel_futures=True)
    return ""


def _different_record(first: Iterator[_Piece], second: Iterator[_Piece]) -> int | None:
    """The index of the first record that differs, or that only one shard has; None if all bytes are equal."""
    a, b = next(first, None), next(second, None)
    at_a = at_b = 0
    while a and b:
        size = min(len(a.data) - at_a, len(b.data) - at_b)
        same = a.data[at_a : at_a + size] == b.data[at_b : at_b + size]
        if not same.all():
            return a.record_at(at_a + int(np.argmin(same)))
        at_a, at_b = at_a + size, at_b + size
        if at_a == len(a.data):
            a, at_a = next(first, None), 0
        if at_b == len(b.data):
            b, at_b = next(second, None), 0
    longer, at = (a, at_a) if a else (b, at_b)
    return longer.record_at(at) if longer else None


def _instances(uri: str) -> Iterator[_Piece]:
    """The frames of a TFRecord file, with all their checksums checked."""
    try:
        with storage.open_input(uri) as stream:
            for records in read_record_batches(stream, uri, _CHUNK_BYTES):
                begins = records.starts - FRAME_HEADER
                data = records.data[begins[0] : records.ends[-1] + FRAME_FOOTER]

                def record_at(byte: int, begins: np.ndarray = begins, first: int = records.first_record) -> int:
                    return first + int(np.searchsorted(begins - begins[0], byte, "right")) - 1

                yield _Piece(data, record_at)
    except EmptyShardError:
        return
    except DamagedFileError as error:
        raise UserError(f"{error}; copy or make it again") from error


def _sentences(uri: str) -> Iterator[_Piece]:
    lines = 1
    with storage.open_input(uri) as stream:
        while chunk := stream.read(_CHUNK_BYTES):

            def line_at(byte: int, chunk: bytes = chunk, first: int = lines) -> int:
                return first + chunk.count(b"\n", 0, byte)

            yield _Piece(np.frombuffer(chunk, np.uint8), line_at)
            lines += chunk.count(b"\n")
