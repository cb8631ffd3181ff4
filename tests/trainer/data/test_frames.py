import gzip
import struct
import zlib

import numpy as np
import pytest

from beam_jobs.errors import UserError
from beam_jobs.instances.encode import frame_record
from beam_jobs.records.crc32c import masked_crc32c
from beam_jobs.records.tfrecord_frames import DAMAGED
from trainer.data import frames
from trainer.data.frames import ShardStream

RECORDS = [bytes([i]) * (i * 7 % 50) for i in range(200)]


def write(path, records=RECORDS, gzipped=False, zlibbed=False):
    data = b"".join(frame_record(record) for record in records)
    if zlibbed:
        data = zlib.compress(data)
    if gzipped:  # two members, as concatenated files have
        data = gzip.compress(data[: len(data) // 3]) + gzip.compress(data[len(data) // 3 :])
    path.write_bytes(data)
    return str(path)


def contents(found):
    return [
        None if end == DAMAGED else found.data[start:end].tobytes()
        for start, end in zip(found.starts, found.ends, strict=True)
    ]


@pytest.mark.parametrize("gzipped", [False, True])
@pytest.mark.parametrize("chunk", [1, 13, 300, 1 << 20])
def test_records_in_pieces_of_any_size(gzipped, chunk, tmp_path, monkeypatch):
    monkeypatch.setattr(frames, "CHUNK_BYTES", chunk)
    stream = ShardStream(write(tmp_path / "shard", gzipped=gzipped))
    assert contents(stream.read(3)) == RECORDS[:3]
    assert contents(stream.read(0)) == []
    stream.skip(50)
    assert stream.record == 53
    assert contents(stream.read(100)) == RECORDS[53:153]
    assert contents(stream.read(1000)) == RECORDS[153:]
    assert contents(stream.read(1)) == []
    stream.close()


def test_what_tensorflow_calls_zlib(tmp_path):
    path = write(tmp_path / "shard", zlibbed=True)
    assert contents(ShardStream(path).read(len(RECORDS) + 1)) == RECORDS
    (tmp_path / "shard").write_bytes((tmp_path / "shard").read_bytes()[:-9])
    with pytest.raises(UserError, match="the zlib stream is damaged"):
        ShardStream(path).read(len(RECORDS))


def test_a_record_as_long_as_gzips_magic_number_is_not_gzip(tmp_path):
    size = int.from_bytes(b"\x1f\x8b\x08", "little")
    stream = ShardStream(write(tmp_path / "shard", [bytes(size)]))
    assert contents(stream.read(1)) == [bytes(size)]


def test_damage_is_told_with_record_and_byte_or_passed_over(tmp_path):
    path = write(tmp_path / "shard")
    data = bytearray((tmp_path / "shard").read_bytes())
    at = sum(len(record) + 16 for record in RECORDS[:20])
    data[at + 12] ^= 1
    (tmp_path / "shard").write_bytes(data)
    with pytest.raises(UserError, match=f"record 20 at byte {at} fails its checksum.*on_corrupt"):
        ShardStream(path).read(30)
    stream = ShardStream(path, tolerant=True)
    assert contents(stream.read(30)) == [*RECORDS[:20], None, *RECORDS[21:30]]
    assert not stream.fault
    data[at + 3] ^= 1
    (tmp_path / "shard").write_bytes(data)
    with pytest.raises(UserError, match=f"record 20 at byte {at} has no valid header"):
        ShardStream(path).skip(30)
    stream = ShardStream(path, tolerant=True)
    assert contents(stream.read(30)) == [*RECORDS[:20], *[None] * 10]
    assert contents(stream.read(2)) == [None, None]
    assert "record 20" in stream.fault


@pytest.mark.parametrize("gzipped", [False, True])
def test_a_shard_that_is_cut_off(gzipped, tmp_path):
    path = write(tmp_path / "shard", gzipped=gzipped)
    data = (tmp_path / "shard").read_bytes()
    (tmp_path / "shard").write_bytes(data[: len(data) // 2 + 5])
    with pytest.raises(UserError, match=r"shard: .*(cut off|gzip stream)"):
        ShardStream(path).read(200)
    found = contents(ShardStream(path, tolerant=True).read(200))
    assert len(found) == 200
    good = found.index(None)
    assert found == [*RECORDS[:good], *[None] * (200 - good)]


def test_a_length_beyond_reason_is_no_record(tmp_path):
    header = struct.pack("<Q", 1 << 40)
    (tmp_path / "shard").write_bytes(header + struct.pack("<I", masked_crc32c(np.frombuffer(header, np.uint8), 0, 8)))
    with pytest.raises(UserError, match="no valid header"):
        ShardStream(str(tmp_path / "shard")).read(1)


def test_a_shard_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match="no such shard"):
        ShardStream(str(tmp_path / "shard"))
