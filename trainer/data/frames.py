"""Reads the records of a shard in their order. Damage is an error, unless the plan says to skip it."""

from typing import BinaryIO, cast

import numpy as np

from beam_jobs.errors import UserError
from beam_jobs.records.frame_reader import HEADER, STREAM, Fault, FrameReader, Records
from beam_jobs.records.tfrecord_frames import DAMAGED
from beam_jobs.storage import open_stream

CHUNK_BYTES = 1 << 20
_SKIPPED_AT_ONCE = 1 << 14


class ShardStream:
    """Reads a shard from its first record on, checking every checksum.

    A `tolerant` stream returns damaged records as DAMAGED, and so the records behind damage that hides where they
    begin. Any other stream raises UserError, naming file, record and byte. Failures of the disk or network are always
    raised.
    """

    def __init__(self, uri: str, tolerant: bool = False) -> None:
        self.uri, self.record, self.fault = uri, 0, ""
        self._tolerant = tolerant
        self._stored = _Stored(uri)
        self._frames = FrameReader(cast(BinaryIO, self._stored), uri, CHUNK_BYTES)

    def close(self) -> None:
        """Close the file."""
        self._stored.close()

    def skip(self, count: int) -> None:
        """Skip records."""
        while count > 0:
            step = min(count, _SKIPPED_AT_ONCE)
            self.read(step)
            count -= step

    def read(self, count: int) -> Records:
        """The next `count` records, or fewer at the end of an undamaged file."""
        records = self._frames.read(count)
        if not self._tolerant and (damaged := records.first_damaged()):
            self._fail(f"record {damaged[0]} at byte {damaged[1]} fails its checksum (CRC-32C)")
        if self._frames.fault and not self.fault:
            self._fail(_what(self._frames.fault, self._frames.compression))
        if self.fault:  # it is unknown where the records behind the fault begin
            lost = count - len(records)
            starts = np.concatenate((records.starts, np.zeros(lost, np.int64)))
            ends = np.concatenate((records.ends, np.full(lost, DAMAGED, np.int64)))
            records = Records(records.data, starts, ends, self.record, records.first_byte)
        self.record += len(records)
        return records

    def _fail(self, what: str) -> None:
        self.fault = f"{self.uri}: {what}"
        if not self._tolerant:
            raise UserError(f'{self.fault}; copy or make the shard again, or set on_corrupt = "skip" in the plan')


def _what(fault: Fault, compression: str) -> str:
    if fault.kind == STREAM:
        return f"the {compression} stream is damaged after record {fault.record} or later ({fault.detail})"
    where = f"record {fault.record} at byte {fault.byte}"
    return f"{where} has no valid header" if fault.kind == HEADER else f"{where} is cut off by the end of the file"


class _Stored:
    """A shard as stored; what goes wrong with a disk or network is a UserError."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        try:
            self._stream = open_stream(uri, buffering=0)
        except FileNotFoundError:
            raise UserError(f"{uri}: no such shard; copy or make it again") from None
        except OSError as error:
            raise UserError(f"{uri}: cannot be read ({error}); check the address and the rights") from error

    def read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except Exception as error:  # the cloud clients have classes of their own
            text = " ".join(str(error).split())
            raise UserError(
                f"{self._uri}: reading failed ({text}); the same command goes on from the last checkpoint"
            ) from error

    def close(self) -> None:
        self._stream.close()
