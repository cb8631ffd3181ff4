"""Reading TFRecord files: the framing, its checksums, gzip or not, in batches of bounded size.

A TFRecord file is a sequence of frames: uint64 length, uint32 masked CRC-32C of those 8 bytes, the record, uint32 masked
CRC-32C of the record, all little-endian (tensorflow/core/lib/io/record_writer.h). Both checksums of every record are
checked. Whether a file is gzipped is told from its first bytes, never from its name.
"""

import io
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from google_crc32c import value as crc32c
from isal import igzip, igzip_lib

from vocab.errors import UserError

BATCH_BYTES = 4 << 20
MAX_RECORD_BYTES = 256 << 20
"""No instance comes near this: a longer record means that the file is something else."""

_HEADER, _FOOTER = struct.Struct("<QI"), struct.Struct("<I")
_CRC_MASK = 0xA282EAD8
_GZIP_MAGIC = b"\x1f\x8b\x08"
_DAMAGED: tuple[type[Exception], ...] = (igzip.BadGzipFile, igzip_lib.IsalError)  # type: ignore[assignment]


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
    """The records of a TFRecord file, gzipped or not, about `batch_bytes` of them at a time.

    `stream` stands at the start of the file; `name` is what errors call it. Raises UserError, with the record's index
    and its offset in the uncompressed file, for a file that is no TFRecord, is cut off or fails a checksum.
    """
    reader = _Prefixed(stream)
    head = reader.peek(_HEADER.size)
    if not head:
        raise UserError(f"{name}: the file is empty; make it again, or leave it out")
    gzipped = head.startswith(_GZIP_MAGIC) and not _is_header(head)
    source = igzip.IGzipFile(fileobj=reader, mode="rb") if gzipped else reader
    yield from _frame(source, name, batch_bytes)


def read_records(stream: BinaryIO, name: str, indices: Iterable[int] | None = None) -> Iterator[tuple[int, bytes]]:
    """(index, record) of the records at `indices`, in ascending order, or of all; reads no further than it must.

    Raises UserError as `read_record_batches` does, and when the file holds no record at an index.
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


def masked_crc(data: bytes) -> int:
    """The checksum of a TFRecord: CRC-32C, rotated and offset so that a CRC of CRCs stays useful."""
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + _CRC_MASK) & 0xFFFFFFFF


def _is_header(head: bytes) -> bool:
    return len(head) >= _HEADER.size and masked_crc(head[:8]) == _HEADER.unpack_from(head)[1]


def _frame(source: Any, name: str, batch_bytes: int) -> Iterator[RecordBatch]:
    data, offset, record, missing = b"", 0, 0, 0
    known_headers: set[bytes] = set()  # padded instances are of few lengths: check each header once
    while True:
        more = _read(source, max(batch_bytes, missing), name, record)
        data += more
        starts, ends, at, missing = _frame_buffer(data, name, offset, record, known_headers)
        if not more:
            if at == offset == 0 and 0 < len(data) < _HEADER.size:
                raise UserError(f"{name}: not a TFRecord file (it has only {len(data)} bytes); name an instance shard")
            if at < len(data):
                raise UserError(
                    f"{name}: record {record + len(starts)} at byte {offset + at} is cut off by the end of the file; "
                    "it was not written to its end: make it again"
                )
            if record == 0:
                raise UserError(f"{name}: holds no record; make it again, or leave it out")
            return
        if starts:
            yield RecordBatch(data, np.array(starts, np.int64), np.array(ends, np.int64), record)
        data, offset, record = data[at:], offset + at, record + len(starts)


def _frame_buffer(
    data: bytes, name: str, offset: int, record: int, known_headers: set[bytes]
) -> tuple[list[int], list[int], int, int]:
    """Starts and ends of the complete records, the offset of the first incomplete one and the bytes that it lacks."""
    starts: list[int] = []
    ends: list[int] = []
    at, size = 0, len(data)
    header_size, footer_size = _HEADER.size, _FOOTER.size
    while size - at >= header_size:
        header = data[at : at + header_size]
        if header not in known_headers:
            _check_header(header, name, offset + at, record + len(starts))
            known_headers.add(header)
        start = at + header_size
        end = start + int.from_bytes(header[:8], "little")
        if end + footer_size > size:
            return starts, ends, at, end + footer_size - size
        if masked_crc(data[start:end]) != _FOOTER.unpack_from(data, end)[0]:
            raise UserError(
                f"{name}: record {record + len(starts)} at byte {offset + at} fails its checksum (CRC-32C); "
                "the file is damaged: copy or make it again"
            )
        starts.append(start)
        ends.append(end)
        at = end + footer_size
    return starts, ends, at, 0


def _check_header(header: bytes, name: str, offset: int, record: int) -> None:
    if not _is_header(header):
        if record == 0:
            raise UserError(
                f"{name}: not a TFRecord file (its first 12 bytes are no record header); name an instance shard"
            )
        raise UserError(
            f"{name}: the length of record {record} at byte {offset} fails its checksum (CRC-32C); "
            "the file is damaged: copy or make it again"
        )
    length = _HEADER.unpack(header)[0]
    if length > MAX_RECORD_BYTES:
        raise UserError(f"{name}: record {record} has {length} bytes, too many for an instance; name an instance shard")


def _read(source: Any, size: int, name: str, record: int) -> bytes:
    try:
        return source.read(size)
    except EOFError:
        raise UserError(
            f"{name}: the gzip stream ends too early, after record {record} or later; "
            "it was not written to its end: make it again"
        ) from None
    except _DAMAGED as error:
        raise UserError(
            f"{name}: the gzip stream is damaged after record {record} or later ({error}); copy or make it again"
        ) from None


class _Prefixed(io.RawIOBase):
    """A stream whose first bytes can be looked at before they are read. The stream stays the caller's to close."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._ahead = stream, b""

    def peek(self, size: int) -> bytes:
        while len(self._ahead) < size and (more := self._stream.read(size - len(self._ahead))):
            self._ahead += more
        return self._ahead[:size]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._ahead[: len(buffer)] or self._stream.read(len(buffer))
        self._ahead = self._ahead[len(data) :]
        buffer[: len(data)] = data
        return len(data)
