import zlib

import numpy as np
import pytest

from beam_jobs.instances.encode import frame_record
from beam_jobs.records.tfrecord_frames import (
    BAD_HEADER,
    DAMAGED,
    FRAME_HEADER,
    MAX_RECORD_BYTES,
    MORE,
    is_gzip,
    is_header,
    is_zlib,
    scan_frames,
)

RECORDS = [b"", b"a", b"b" * 300, bytes(range(40))]
DATA = b"".join(map(frame_record, RECORDS))


def scan(data, at=0, room=10):
    """(records, None for a damaged one; the end of the last; why no more)"""
    starts, ends = np.zeros(room, np.int64), np.zeros(room, np.int64)
    found, at, status = scan_frames(np.frombuffer(data, np.uint8), at, starts, ends)
    pairs = zip(starts[:found].tolist(), ends[:found].tolist(), strict=True)
    return [None if end == DAMAGED else data[start:end] for start, end in pairs], at, status


def test_all_frames_or_as_many_as_there_is_room_for():
    assert scan(DATA) == (RECORDS, len(DATA), MORE)
    first, at, status = scan(DATA, room=3)
    assert (first, status) == (RECORDS[:3], MORE)
    assert scan(DATA, at) == (RECORDS[3:], len(DATA), MORE)


def test_a_frame_that_is_cut_off_waits_for_more():
    last = len(DATA) - len(frame_record(RECORDS[-1]))
    for end in range(last, len(DATA)):
        assert scan(DATA[:end]) == (RECORDS[:-1], last, MORE)


@pytest.mark.parametrize("place", range(FRAME_HEADER + 5))
def test_a_flipped_bit_costs_one_record_or_hides_those_behind(place):
    data = bytearray(frame_record(b"x") + DATA)
    data[place] ^= 1
    expected = ([], 0, BAD_HEADER) if place < FRAME_HEADER else ([None, *RECORDS], len(data), MORE)
    assert scan(bytes(data)) == expected


def test_a_length_beyond_reason():
    for length in (MAX_RECORD_BYTES + 1, 2**63, 2**64 - 1):
        size = length.to_bytes(8, "little")
        header = size + frame_record(size)[-4:]
        assert is_header(header)
        assert scan(header) == ([], 0, BAD_HEADER)


def test_a_length_may_look_like_gzip():
    assert is_gzip(b"\x1f\x8b\x08")
    assert is_gzip(b"\x1f\x8b\x08" + bytes(9))
    header = frame_record(bytes(0x088B1F))[:FRAME_HEADER]
    assert header.startswith(b"\x1f\x8b\x08")
    assert not is_gzip(header)
    assert is_zlib(zlib.compress(b"records", 1)[:FRAME_HEADER])
    assert is_zlib(b"\x78\x9c")
    header = frame_record(bytes(0x9C78))[:FRAME_HEADER]
    assert header.startswith(b"\x78\x9c")
    assert not is_zlib(header)
