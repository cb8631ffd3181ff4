import gzip
import io
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.errors import UserError
from beam_jobs.records.tfrecord_frames import MAX_RECORD_BYTES
from beam_jobs.records.tfrecord_stream import read_record_batches, read_records

RECORDS = [bytes([i]) * (i * 37 % 900) for i in range(120)]


@pytest.fixture(scope="module")
def framed(frame):
    return frame(RECORDS)


def read(data):
    return [record for _, record in read_records(io.BytesIO(data), "shard")]


@pytest.mark.parametrize("batch_bytes", [1, 13, 1000, 1 << 20])
def test_all_records_in_order_whatever_the_batch(framed, batch_bytes):
    for data in (
        framed,
        zlib.compress(framed),
        gzip.compress(framed),
        gzip.compress(framed[:999]) + gzip.compress(framed[999:]),
    ):
        batches = list(read_record_batches(io.BytesIO(data), "shard", batch_bytes))
        assert [record for batch in batches for record in batch] == RECORDS
        assert [batch.first_record for batch in batches] == [sum(map(len, batches[:i])) for i in range(len(batches))]


def test_reads_what_tensorflow_writes(tmp_path):
    tf = pytest.importorskip("tensorflow")
    for compression in ("", "GZIP", "ZLIB"):
        path = tmp_path / f"shard{compression}"
        with tf.io.TFRecordWriter(str(path), options=compression) as writer:
            for record in RECORDS:
                writer.write(record)
        assert read(path.read_bytes()) == RECORDS


def test_chosen_records_only(framed):
    found = dict(read_records(io.BytesIO(gzip.compress(framed)), "shard", [7, 3, 119, 3]))
    assert found == {i: RECORDS[i] for i in (3, 7, 119)}
    assert list(read_records(io.BytesIO(b"never looked at"), "shard", [])) == []


def test_chosen_records_need_no_more_of_the_file_than_their_own_part(framed):
    data = framed * 2000  # several batches
    damaged = data[:-5]
    assert next(read_records(io.BytesIO(damaged), "shard", [4]))[1] == RECORDS[4]
    with pytest.raises(UserError, match="has 120 records, but record 500"):
        list(read_records(io.BytesIO(framed), "shard", [4, 500]))


def test_every_flipped_bit_is_found(framed, frame):
    data = frame(RECORDS[:4])
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 0x10
        with pytest.raises(UserError, match="shard: "):
            read(bytes(damaged))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_cut_file_is_never_read_as_whole(framed, data):
    packed = data.draw(st.sampled_from([gzip.compress, zlib.compress, bytes]))(framed)
    cut = data.draw(st.integers(0, len(packed) - 1))
    ends = {0}
    for record in RECORDS:
        ends.add(max(ends) + len(record) + 16)
    if packed == framed and cut in ends - {0}:
        assert read(packed[:cut]) == RECORDS[: sorted(ends).index(cut)]
    else:
        with pytest.raises(UserError, match=r"cut off|ends too early|not a TFRecord|empty|no record"):
            read(packed[:cut])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: b"", "shard: the file is empty"),
        (lambda d: b"short", "shard: not a TFRecord file \\(it has only 5 bytes"),
        (lambda d: b"En setning.\n" * 9, "shard: not a TFRecord file \\(its first 12 bytes"),
        (lambda d: d[:-3], "shard: record 119 at byte [0-9]+ is cut off"),
        (lambda d: gzip.compress(b""), "shard: holds no record"),
        (lambda d: gzip.compress(d)[:-4], "shard: the gzip stream ends too early"),
        (lambda d: gzip.compress(d)[:-8] + bytes(8), "shard: the gzip stream is damaged"),
        (lambda d: zlib.compress(b""), "shard: holds no record"),
        (lambda d: zlib.compress(d)[:-2], "shard: the zlib stream ends too early"),
        (lambda d: zlib.compress(d)[:-4] + bytes(4), "shard: the zlib stream is damaged"),
        (lambda d: d[:1000] + b"\x00" * 8 + d[1008:], "shard: record [0-9]+ at byte [0-9]+ fails its checksum"),
    ],
)
def test_damage_is_told_in_one_line(framed, change, message):
    with pytest.raises(UserError, match=message) as error:
        read(change(framed))
    assert "\n" not in str(error.value)


def test_the_checksum_error_names_index_and_offset(frame):
    data = bytearray(frame([b"a" * 10, b"b" * 20, b"c" * 30]))
    data[26 + 36 + 20] ^= 1  # inside the third record
    with pytest.raises(UserError, match="record 2 at byte 62 fails its checksum"):
        read(bytes(data))
    data = bytearray(frame([b"a" * 10, b"b" * 20]))
    data[26] ^= 1  # the length of the second
    with pytest.raises(UserError, match="length of record 1 at byte 26 fails"):
        read(bytes(data))


def test_a_record_that_looks_like_gzip_is_read_as_it_is(frame):
    """A length of 0x88b1f begins with gzip's magic bytes."""
    record = bytes(0x088B1F)
    assert frame([record]).startswith(b"\x1f\x8b\x08")
    assert read(frame([record])) == [record]


def test_an_absurd_length_is_refused_before_it_is_read(frame):
    length = (MAX_RECORD_BYTES + 1).to_bytes(8, "little")
    header = length + frame([length])[-4:]
    with pytest.raises(UserError, match="too many for an instance"):
        read(header + b"data")
