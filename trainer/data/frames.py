"""Records off a shard, one after the other, compressed or not, every checksum checked."""

from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from beam_jobs.errors import UserError
from beam_jobs.records.peekable_stream import PeekableStream
from beam_jobs.records.tfrecord_frames import BAD_HEADER, DAMAGED, FRAME_HEADER, is_gzip, is_zlib, scan_frames
from beam_jobs.storage import open_stream
from trainer.data.gzip_reader import DamagedGzipError, GzipReader

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Records:
    """Consecutive records: the i-th is `data[starts[i]:ends[i]]`, or unusable where `ends[i]` is DAMAGED."""

    data: np.ndarray  # uint8
    starts: np.ndarray  # int64
    ends: np.ndarray  # int64

    def __len__(self) -> int:
        return len(self.starts)


class ShardStream:
    """Reads a shard from its first record on, checking every checksum.

    `tolerant` streams give records that are damaged, or that follow damage which hides where they begin, as DAMAGED;
    others raise UserError, naming file, record and byte. Failures of the disk or network are always raised.
    """

    def __init__(self, uri: str, tolerant: bool = False) -> None:
        self.uri, self.record, self.fault = uri, 0, ""
        self._tolerant = tolerant
        self._data = np.zeros(0, np.uint8)
        self._at = self._offset = 0  # in _data, and of _data in the uncompressed file
        self._ended = False
        self._open()

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    def skip(self, count: int) -> None:
        """Pass over records."""
        while count > 0:
            step = min(count, 1 << 14)
            self._next(step)
            count -= step

    def read(self, count: int) -> Records:
        """The next `count` records, or fewer at the end of an undamaged file."""
        return self._next(count)

    def _next(self, count: int) -> Records:
        starts, ends = np.zeros(count, np.int64), np.full(count, DAMAGED, np.int64)
        parts: list[np.ndarray] = []
        done = base = 0
        while done < count and not self.fault:
            found, at, status = scan_frames(self._data, self._at, starts[done:], ends[done:])
            part = self._data[self._at : at]
            shift = base - self._at
            here = slice(done, done + found)
            if not self._tolerant and found and (ends[here] == DAMAGED).any():
                row = int(np.argmax(ends[here] == DAMAGED))
                at = int(starts[done + row]) - FRAME_HEADER
                self._fail(
                    f"record {self.record + done + row} at byte {self._offset + at} fails its checksum (CRC-32C)"
                )
            starts[here] += shift
            ends[here] += np.where(ends[here] == DAMAGED, 0, shift)
            parts.append(part)
            base += len(part)
            done += found
            self._at = at
            if status == BAD_HEADER:
                self._fail(f"record {self.record + done} at byte {self._offset + at} has no valid header")
            elif done < count and not self._fill(done):
                break
        self.record += done
        if self.fault:  # the records behind the fault: nobody knows where they begin
            done, self.record = count, self.record + count - done
        data = parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else self._data[:0]
        return Records(data, starts[:done], ends[:done])

    def _fill(self, done: int) -> bool:
        """Read on; False at the end of the file."""
        rest = self._data[self._at :]
        more = b"" if self._ended else self._read()
        if not more:
            self._ended = True
            if len(rest) and not self.fault:
                where = f"record {self.record + done} at byte {self._offset + self._at}"
                self._fail(f"{where} is cut off by the end of the file")
            return False
        self._offset += self._at
        self._data = (
            np.concatenate((rest, np.frombuffer(more, np.uint8))) if len(rest) else np.frombuffer(more, np.uint8)
        )
        self._at = 0
        return True

    def _read(self) -> bytes:
        try:
            return self._source.read(CHUNK_BYTES)
        except DamagedGzipError as error:
            kind = "zlib" if self._source.is_zlib else "gzip"
            self._fail(f"the {kind} stream is damaged after record {self.record} or later ({error})")
            return b""
        except Exception as error:  # of a disk or a network, which the cloud clients have classes of their own for
            text = " ".join(str(error).split())
            raise UserError(
                f"{self.uri}: reading failed ({text}); the same command goes on from the last checkpoint"
            ) from error

    def _fail(self, what: str) -> None:
        self.fault = f"{self.uri}: {what}"
        if not self._tolerant:
            raise UserError(f'{self.fault}; copy or make the shard again, or set on_corrupt = "skip" in the plan')

    def _open(self) -> None:
        try:
            self._raw: BinaryIO = open_stream(self.uri, buffering=0)
        except FileNotFoundError:
            raise UserError(f"{self.uri}: no such shard; copy or make it again") from None
        except OSError as error:
            raise UserError(f"{self.uri}: cannot be read ({error}); check the address and the rights") from error
        joined: Any = PeekableStream(self._raw)
        head = joined.peek(FRAME_HEADER)
        self._source: Any = GzipReader(joined, zlib=is_zlib(head)) if is_gzip(head) or is_zlib(head) else joined
