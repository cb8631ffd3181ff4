"""Reads TFRecord files in batches of bounded size: plain, gzip or zlib. Both checksums of every record are checked."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from isal import igzip, igzip_lib

from beam_jobs.errors import UserError
from beam_jobs.records.peekable_stream import PeekableStream
from beam_jobs.records.tfrecord_frames import (
    BAD_HEADER,
    DAMAGED,
    FRAME_FOOTER,
    FRAME_HEADER,
    is_gzip,
    is_header,
    is_zlib,
    scan_frames,
)

BATCH_BYTES = 4 << 20
_BAD_STREAM: tuple[type[Exception], ...] = (igzip.BadGzipFile, igzip_lib.IsalError)  # type: ignore[assignment]
_ZLIB_BYTES = 1 << 16  # read at a time


class EmptyShardError(UserError):
    """A file without a record."""


@dataclass(frozen=True)
class RecordBatch:
    """Some consecutive records of one file: record `first_record + i` is `data[starts[i]:ends[i]]`."""

    data: bytes
    starts: np.ndarray  # int64 [n], offsets into data
    ends: np.ndarray  # int64 [n]
    first_record: int

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, row: int) -> bytes:
        return self.data[self.starts[row] : self.ends[row]]


def read_record_batches(stream: BinaryIO, name: str, batch_bytes: int = BATCH_BYTES) -> Iterator[RecordBatch]:
    """The records of a TFRecord file, compressed or not, about `batch_bytes` of them at a time.

    `stream` is at the start of the file, and `name` is the name for errors. Raises UserError, with the index of the
    record and its offset in the uncompressed file, if the file is not a TFRecord file, is cut off or fails a checksum.
    Raises EmptyShardError if it holds no record.
    """
    reader = PeekableStream(stream)
    head = reader.peek(FRAME_HEADER)
    if not head:
        raise EmptyShardError(f"{name}: the file is empty; make it again, or leave it out")
    source: Any = reader
    if is_gzip(head):
        source = igzip.IGzipFile(fileobj=reader, mode="rb")
    elif is_zlib(head):
        source = _ZlibStream(reader)
    yield from _frame(source, name, batch_bytes)


def read_records(stream: BinaryIO, name: str, indices: Iterable[int] | None = None) -> Iterator[tuple[int, bytes]]:
    """(index, record) of the records at `indices`, in ascending order, or of all. It reads no further than necessary.

    Raises UserError as `read_record_batches` does, and if the file has no record at an index.
    """
    wanted = None if indices is None else sorted(set(indices))
    if wanted == []:
        return
    records = 0
    for batch in read_record_batches(stream, name):
        records = batch.first_record + len(batch)
        if wanted is None:
            yield from ((batch.first_record + row, batch[row]) for row in range(len(batch)))
            continue
        while wanted and wanted[0] < records:
            index = wanted.pop(0)
            yield index, batch[index - batch.first_record]
        if not wanted:
            return
    if wanted:
        raise UserError(f"{name}: has {records} records, but record {wanted[0]} was asked for; the file was changed")


def _frame(source: Any, name: str, batch_bytes: int) -> Iterator[RecordBatch]:
    data, offset, record, missing = b"", 0, 0, 0
    while True:
        more = _read(source, max(batch_bytes, missing), name, record)
        data += more
        starts, ends, at, missing = _frame_buffer(data, name, offset, record)
        if not more:
            if at == offset == 0 and 0 < len(data) < FRAME_HEADER:
                raise UserError(f"{name}: not a TFRecord file (it has only {len(data)} bytes); name an instance shard")
            if at < len(data):
                raise UserError(
                    f"{name}: record {record + len(starts)} at byte {offset + at} is cut off by the end of the file; "
                    "it was not written to its end: make it again"
                )
            if record == 0:
                raise EmptyShardError(f"{name}: holds no record; make it again, or leave it out")
            return
        if len(starts):
            yield RecordBatch(data, starts, ends, record)
        data, offset, record = data[at:], offset + at, record + len(starts)


def _frame_buffer(data: bytes, name: str, offset: int, record: int) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Starts and ends of the complete records, the offset of the first incomplete one, and the bytes that it lacks."""
    room = len(data) // (FRAME_HEADER + FRAME_FOOTER) + 1
    starts, ends = np.empty(room, np.int64), np.empty(room, np.int64)
    found, at, status = scan_frames(np.frombuffer(data, np.uint8), 0, starts, ends)
    starts, ends = starts[:found], ends[:found]
    if (ends == DAMAGED).any():
        row = int(np.argmax(ends == DAMAGED))
        raise UserError(
            f"{name}: record {record + row} at byte {offset + starts[row] - FRAME_HEADER} fails its checksum (CRC-32C); "
            "the file is damaged: copy or make it again"
        )
    header = data[at : at + FRAME_HEADER]
    if status == BAD_HEADER:
        raise _bad_header(header, name, offset + at, record + found)
    missing = at + FRAME_HEADER + _length(header) + FRAME_FOOTER - len(data) if len(header) == FRAME_HEADER else 0
    return starts, ends, at, missing


def _bad_header(header: bytes, name: str, offset: int, record: int) -> UserError:
    if is_header(header):
        return UserError(
            f"{name}: record {record} has {_length(header)} bytes, too many for an instance; name an instance shard"
        )
    if record == 0:
        return UserError(
            f"{name}: not a TFRecord file (its first 12 bytes are no record header); name an instance shard"
        )
    return UserError(
        f"{name}: the length of record {record} at byte {offset} fails its checksum (CRC-32C); "
        "the file is damaged: copy or make it again"
    )


def _length(header: bytes) -> int:
    return int.from_bytes(header[:8], "little")


def _read(source: Any, size: int, name: str, record: int) -> bytes:
    kind = "zlib" if isinstance(source, _ZlibStream) else "gzip"
    try:
        return source.read(size)
    except EOFError:
        raise UserError(
            f"{name}: the {kind} stream ends too early, after record {record} or later; "
            "it was not written to its end: make it again"
        ) from None
    except _BAD_STREAM as error:
        raise UserError(
            f"{name}: the {kind} stream is damaged after record {record} or later ({error}); copy or make it again"
        ) from None


class _ZlibStream(io.RawIOBase):
    """The content of a zlib stream. The caller closes the stream below."""

    def __init__(self, stream: io.RawIOBase) -> None:
        self._stream = stream
        self._decompressor = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_ZLIB)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._decompressor.eof:
            compressed = self._stream.read(_ZLIB_BYTES) if self._decompressor.needs_input else b""
            if not compressed and self._decompressor.needs_input:
                raise EOFError
            data = self._decompressor.decompress(compressed, len(buffer))
            if data:
                buffer[: len(data)] = data
                return len(data)
        return 0
