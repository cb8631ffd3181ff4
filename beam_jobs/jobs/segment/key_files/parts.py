"""Files of parts: each call of one round writes such a file, and each call of the next round reads its part of all.

A file has one or more sections. A section begins with the offsets of its parts from its own beginning, and a last offset for
its end, uint64; then the parts follow.
"""

import itertools
from collections.abc import Iterable
from typing import BinaryIO

import google_crc32c
import numpy as np

from beam_jobs import storage
from beam_jobs.errors import EnvironmentUserError

_OFFSET = np.dtype("<u8")


class CheckedStream:
    """Counts what is written to a stream, and its CRC-32C."""

    def __init__(self, stream: BinaryIO) -> None:
        self.written = 0
        self._stream = stream
        self._checksum = google_crc32c.Checksum()

    def write(self, data: bytes) -> None:
        """Write `data`."""
        self._stream.write(data)
        self._checksum.update(data)
        self.written += len(data)

    @property
    def crc32c(self) -> str:
        """The CRC-32C of everything written, in hex."""
        return self._checksum.hexdigest().decode()

    @property
    def wrote(self) -> list[int | str]:
        """Size and CRC-32C, in the form for `run_once`."""
        return [self.written, self.crc32c]


def write_section(stream: CheckedStream, sizes: np.ndarray, data: Iterable[bytes]) -> None:
    """Write a section of parts of these `sizes` (bytes, integers [parts]), whose bytes are those of `data` together."""
    ends = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))) + _header_bytes(len(sizes))
    stream.write(ends.astype(_OFFSET).tobytes())
    before = stream.written
    for piece in data:
        stream.write(piece)
    if stream.written - before != int(np.sum(sizes)):
        raise RuntimeError(f"{stream.written - before} bytes were written of parts of {int(np.sum(sizes))}")


def read_offsets(uri: str, section: int, first: int, last: int) -> np.ndarray:
    """The offsets in the file of the parts `first` to `last` of the section at byte `section`, int64 [last - first + 1].

    The last one is where part `last` begins, and part `last - 1` ends.
    """
    size = (last - first + 1) * _OFFSET.itemsize
    data = read_exactly(uri, section + first * _OFFSET.itemsize, size)
    return np.frombuffer(data, _OFFSET).astype(np.int64) + section


def read_parts(uri: str, section: int, first: int, last: int) -> list[bytes]:
    """The parts from `first` to before `last` of the section that begins at byte `section` of a file."""
    offsets = read_offsets(uri, section, first, last).tolist()
    data = read_exactly(uri, offsets[0], offsets[-1] - offsets[0])
    return [data[begin - offsets[0] : end - offsets[0]] for begin, end in itertools.pairwise(offsets)]


def read_exactly(uri: str, start: int, size: int) -> bytes:
    """`size` bytes of a file from `start` on, in one read. Raises EnvironmentUserError if the file is shorter."""
    if not size:
        return b""
    with storage.open_stream(uri, start, start + size, buffering=0) as stream:
        data = stream.read(size)
        while len(data) < size and (more := stream.read(size - len(data))):
            data += more
    if len(data) != size:
        raise EnvironmentUserError(f"{uri} was cut short after it had been written; the same command makes it again")
    return data


def _header_bytes(parts: int) -> int:
    return (parts + 1) * _OFFSET.itemsize
