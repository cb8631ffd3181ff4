"""Finds and checks the frames of a TFRecord file in compiled code.

A TFRecord file is a sequence of frames: uint64 length, uint32 masked CRC-32C of those 8 bytes, the record, uint32
masked CRC-32C of the record, all little-endian (tensorflow/core/lib/io/record_writer.h). The first bytes of a file, not
its name, say whether it is compressed, by gzip or by what TensorFlow calls ZLIB. Each reader decides what to do about
damage.
"""

import numba
import numpy as np

from beam_jobs.records.crc32c import masked_crc32c

FRAME_HEADER, FRAME_FOOTER = 12, 4
"""Bytes of a frame before its record, and after it."""

MAX_RECORD_BYTES = 256 << 20
"""The longest record. No instance is nearly as long, so a longer record means that the file is of another kind."""

DAMAGED = -1
"""Stands for the end of a record that cannot be used."""

MORE, BAD_HEADER = 0, 1
"""Why a scan ended: it needs more data, it needs more room, or a record's length is wrong or too large."""

_GZIP_MAGIC = b"\x1f\x8b\x08"


def is_gzip(head: bytes) -> bool:
    """Whether a file that begins with these FRAME_HEADER bytes (or fewer) is gzipped.

    A length may look like it, too.
    """
    return head.startswith(_GZIP_MAGIC) and not is_header(head)


def is_zlib(head: bytes) -> bool:
    """Whether a file that begins with these FRAME_HEADER bytes (or fewer) is a zlib stream (RFC 1950)."""
    is_stream = len(head) > 1 and head[0] & 0x0F == 8 and head[0] < 0x80 and int.from_bytes(head[:2], "big") % 31 == 0
    return is_stream and not is_header(head)


def is_header(head: bytes) -> bool:
    """Whether FRAME_HEADER bytes are a length with its checksum."""
    data = np.frombuffer(head, np.uint8)
    return len(data) == FRAME_HEADER and bool(_uint32(data, 8) == masked_crc32c(data, 0, 8))


@numba.njit(cache=True, nogil=True)
def scan_frames(data, at, starts, ends):
    """Find the frames of `data` (uint8) from `at` on. Returns how many, where the last ends, and why the scan ended.

    Record i is `data[starts[i]:ends[i]]` (both int64); `ends[i]` is DAMAGED if the checksum is wrong. At most as many
    frames are found as `starts` and `ends` have room for.
    """
    size = np.int64(len(data))
    found = 0
    while found < len(starts) and size - at >= FRAME_HEADER:
        if _uint32(data, at + 8) != masked_crc32c(data, at, at + 8):
            return found, at, BAD_HEADER
        length = np.int64(_uint32(data, at)) | np.int64(_uint32(data, at + 4)) << 32
        if length < 0 or length > MAX_RECORD_BYTES:
            return found, at, BAD_HEADER
        start = at + FRAME_HEADER
        end = start + length
        if end + FRAME_FOOTER > size:
            break
        starts[found] = start
        ends[found] = end if _uint32(data, end) == masked_crc32c(data, start, end) else DAMAGED
        found += 1
        at = end + FRAME_FOOTER
    return found, at, MORE


@numba.njit(cache=True, nogil=True)
def _uint32(data, at):
    value = np.uint32(0)
    for i in range(4):
        value |= np.uint32(data[at + i]) << np.uint32(8 * i)
    return value
