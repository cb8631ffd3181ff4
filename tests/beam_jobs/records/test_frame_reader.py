import gzip
import io
import zlib

import numpy as np
import pytest

from beam_jobs.records.frame_reader import CUT_OFF, HEADER, STREAM, Fault, FrameReader
from beam_jobs.records.tfrecord_frames import DAMAGED
from beam_jobs.storage.decompress import DamagedFileError, open_decompressed

RECORDS = [bytes([i]) * (i * 37 % 900) for i in range(60)]


@pytest.fixture(scope="module")
def framed(frame):
    return frame(RECORDS)


def read_all(data, count, chunk=1000):
    """All records of a file, read `count` at a time, None for one that is damaged; and the fault behind them."""
    reader = FrameReader(io.BytesIO(data), "shard", chunk)
    found = []
    while len(records := reader.read(count)):
        assert records.first_record == len(found)
        found += [None if end == DAMAGED else records[row] for row, end in enumerate(records.ends)]
    assert reader.record == len(found)
    return found, reader.fault


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zlib.compress])
@pytest.mark.parametrize("count", [1, 7, 1000])
def test_records_by_number_and_by_chunk(framed, pack, count):
    for chunk in (1, 100, 1 << 20):
        assert read_all(pack(framed), count, chunk) == (RECORDS, None)
        reader = FrameReader(io.BytesIO(pack(framed)), "shard", chunk)
        chunks = []
        while len(records := reader.read_chunk()):
            chunks.append(list(records))
        assert [record for chunk in chunks for record in chunk] == RECORDS
        assert (reader.record, reader.fault) == (len(RECORDS), None)


def test_bytes_are_those_of_the_uncompressed_file(framed):
    reader = FrameReader(io.BytesIO(gzip.compress(framed)), "shard", 100)
    reader.read(10)
    at = sum(16 + len(record) for record in RECORDS[:10])
    assert reader.read(3).first_byte == at
    damaged = bytearray(framed)
    damaged[at + 16 + len(RECORDS[10]) + 12] ^= 1  # in the twelfth record
    reader = FrameReader(io.BytesIO(bytes(damaged)), "shard", 100)
    assert reader.read(10).first_damaged() is None
    assert reader.read(10).first_damaged() == (11, at + 16 + len(RECORDS[10]))
    assert read_all(bytes(damaged), 9) == ([*RECORDS[:11], None, *RECORDS[12:]], None)


def test_what_comes_before_a_fault_is_given(framed):
    at = sum(16 + len(record) for record in RECORDS[:20])
    changed = bytearray(framed)
    changed[at] ^= 1
    assert read_all(bytes(changed), 7) == (RECORDS[:20], Fault(HEADER, 20, at, bytes(changed[at : at + 12])))
    assert read_all(framed[: at + 5], 7) == (RECORDS[:20], Fault(CUT_OFF, 20, at, framed[at : at + 5]))
    for pack, check in ((gzip.compress, 8), (zlib.compress, 4)):
        found, fault = read_all(pack(framed)[:-check], 7)
        assert found == RECORDS
        assert (fault.kind, fault.record, fault.ends_early) == (STREAM, 60, True)
        found, fault = read_all(pack(framed)[:-check] + bytes(check), 7)
        assert (fault.kind, fault.ends_early) == (STREAM, False)


def test_nothing_is_read_behind_a_fault(framed):
    reader = FrameReader(io.BytesIO(framed[:-1]), "shard", 100)
    assert len(reader.read(1000)) == 59
    fault = reader.fault
    assert len(reader.read(10)) == len(reader.read_chunk()) == 0
    assert reader.fault is fault


def test_an_empty_file_and_a_file_of_no_records():
    assert FrameReader(io.BytesIO(b""), "shard", 100).is_empty
    reader = FrameReader(io.BytesIO(gzip.compress(b"")), "shard", 100)
    assert not reader.is_empty
    assert (len(reader.read(1)), reader.fault) == (0, None)


def test_rows_are_those_of_an_array(framed):
    records = FrameReader(io.BytesIO(framed), "shard", 1 << 20).read(5)
    assert (records.data.dtype, records.starts.dtype, records.ends.dtype) == (np.uint8, np.int64, np.int64)
    with pytest.raises(IndexError):
        records[5]


def test_damage_of_the_stream_below_is_not_the_readers_to_tell(framed):
    """`open_input` decompresses a shard whose name ends in .gz, and names the file itself."""
    stream = open_decompressed(io.BytesIO(gzip.compress(framed)[:-8]), "shard.gz")
    reader = FrameReader(stream, "shard", 100)
    with pytest.raises(DamagedFileError, match=r"shard\.gz is damaged"):
        reader.read(1000)
