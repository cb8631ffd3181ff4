"""Reads TFRecord files, compressed or not, for inspection, samples and training, and checks all checksums.

Damage raises no exception here. It is returned, and the callers decide whether it is an error, and what the remedy is.
"""

from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from beam_jobs.records.peekable_stream import PeekableStream
from beam_jobs.records.tfrecord_frames import (
    BAD_HEADER,
    DAMAGED,
    FRAME_FOOTER,
    FRAME_HEADER,
    is_gzip,
    is_zlib,
    scan_frames,
)
from beam_jobs.storage.decompress import ZLIB, DamagedFileError, DecompressedBytes

_COMPRESSED_BYTES = 1 << 18  # read at a time

HEADER, CUT_OFF, STREAM = "header", "cut off", "stream"
"""Faults: a wrong or impossible length; a record that the end of the file cuts off; a damaged gzip or zlib stream."""


@dataclass(frozen=True)
class Records:
    """Consecutive records of one file.

    Record i is `data[starts[i]:ends[i]]`; it cannot be used if `ends[i]` is DAMAGED.
    """

    data: np.ndarray  # uint8
    starts: np.ndarray  # int64 [records]
    ends: np.ndarray  # int64 [records]
    first_record: int = 0  # index in the file
    first_byte: int = 0  # of `data`, in the uncompressed file

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, row: int) -> bytes:
        if not 0 <= row < len(self):
            raise IndexError(row)
        return self.data[self.starts[row] : self.ends[row]].tobytes()

    def first_damaged(self) -> tuple[int, int] | None:
        """Index and byte offset in the file of the first record that fails its checksum; None if all pass."""
        damaged = self.ends == DAMAGED
        if not damaged.any():
            return None
        row = int(np.argmax(damaged))
        return self.first_record + row, self.first_byte + int(self.starts[row]) - FRAME_HEADER


@dataclass(frozen=True)
class Fault:
    """Damage after which the beginning of the next record is unknown."""

    kind: str  # HEADER, CUT_OFF or STREAM
    record: int  # index of the first record that is lost
    byte: int  # where it begins in the uncompressed file
    header: bytes = b""  # the first bytes of its frame, FRAME_HEADER or fewer
    detail: str = ""  # of STREAM: what is wrong
    ends_early: bool = False  # of STREAM: the file ends in the middle of it


class FrameReader:
    """Reads a TFRecord file from its first record on. The caller closes `stream`."""

    def __init__(self, stream: BinaryIO, name: str, chunk_bytes: int) -> None:
        """`name` is the file's name for a DamagedFileError. `chunk_bytes` uncompressed bytes are read at a time."""
        joined: Any = PeekableStream(stream)
        head = joined.peek(FRAME_HEADER)
        self.is_empty = not head
        self.compression = "gzip" if is_gzip(head) else "zlib" if is_zlib(head) else ""
        self.record = 0  # index of the next record
        self.fault: Fault | None = None
        self._source: Any = joined
        if self.compression:
            ending = ".gz" if self.compression == "gzip" else ZLIB
            self._source = DecompressedBytes(joined, name, ending, chunk_bytes=_COMPRESSED_BYTES)
        self._chunk_bytes = chunk_bytes
        self._data = np.zeros(0, np.uint8)
        self._at = self._offset = 0  # the next frame in `_data`; where `_data` lies in the uncompressed file
        self._ended = False

    def read(self, count: int) -> Records:
        """The next `count` records, or fewer at the end of the file or before a fault."""
        starts, ends = np.zeros(count, np.int64), np.full(count, DAMAGED, np.int64)
        parts: list[np.ndarray] = []
        first_byte = self._offset + self._at
        done = base = 0
        while done < count and self.fault is None:
            begin = self._at
            found = self._scan(starts[done:], ends[done:], done)
            here, shift = slice(done, done + found), base - begin
            starts[here] += shift
            ends[here] += np.where(ends[here] == DAMAGED, 0, shift)
            parts.append(self._data[begin : self._at])
            base += self._at - begin
            done += found
            if done < count and self.fault is None and not self._fill(done):
                break
        data = parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else self._data[:0]
        records = Records(data, starts[:done], ends[:done], self.record, first_byte)
        self.record += done
        return records

    def read_chunk(self) -> Records:
        """All records that end in the next chunk in which one ends. None at the end of the file or after a fault."""
        while self.fault is None and self._fill(0):
            room = len(self._data) // (FRAME_HEADER + FRAME_FOOTER) + 1
            starts, ends = np.empty(room, np.int64), np.empty(room, np.int64)
            found = self._scan(starts, ends, 0)
            if found:
                records = Records(self._data, starts[:found], ends[:found], self.record, self._offset)
                self.record += found
                return records
        return Records(self._data[:0], np.zeros(0, np.int64), np.zeros(0, np.int64), self.record)

    def _scan(self, starts: np.ndarray, ends: np.ndarray, done: int) -> int:
        """Find frames from `_at` on, and move `_at` behind them. Returns their number. A wrong header is a fault."""
        found, self._at, status = scan_frames(self._data, self._at, starts, ends)
        if status == BAD_HEADER:
            self._fail(HEADER, done + found)
        return int(found)

    def _fill(self, done: int) -> bool:
        """Read more, up to the end of the next record if it is long. Returns False at the end of the file."""
        rest = self._data[self._at :]
        more = b"" if self._ended else self._read(max(self._chunk_bytes, _missing(rest)), done)
        if not more:
            self._ended = True
            if len(rest) and self.fault is None:
                self._fail(CUT_OFF, done)
            return False
        self._offset += self._at
        self._data = np.frombuffer(more, np.uint8)
        if len(rest):
            self._data = np.concatenate((rest, self._data))
        self._at = 0
        return True

    def _read(self, size: int, done: int) -> bytes:
        try:
            return self._source.read(size)
        except DamagedFileError as error:
            if not self.compression:  # it comes from below: `stream` decompresses a file itself
                raise
            self._fail(STREAM, done, error.detail, error.cut_off)
            return b""

    def _fail(self, kind: str, done: int, detail: str = "", ends_early: bool = False) -> None:
        header = self._data[self._at : self._at + FRAME_HEADER].tobytes()
        self.fault = Fault(kind, self.record + done, self._offset + self._at, header, detail, ends_early)


def _missing(rest: np.ndarray) -> int:
    """The number of missing bytes of a frame that begins with `rest`; 0 if its length is not there yet."""
    if len(rest) < FRAME_HEADER:
        return 0
    return FRAME_HEADER + int.from_bytes(rest[:8].tobytes(), "little") + FRAME_FOOTER - len(rest)
