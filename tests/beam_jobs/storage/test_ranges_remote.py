"""Requests and bytes that reading asks of the object stores, on loopback (see tests/conftest.py)."""

import pytest

from beam_jobs import storage
from beam_jobs.storage import range_stream

SIZE = 5 << 20


@pytest.fixture
def large(bucket):
    data = bytes(range(251)) * (SIZE // 251 + 1)
    storage.write_atomically(f"{bucket}/ranges/large.txt", data[:SIZE])
    return f"{bucket}/ranges/large.txt", data[:SIZE]


def test_a_range_is_read_in_one_request_and_no_byte_more(large, received):
    uri, data = large
    with storage.open_input(uri, 1_000_001, 2_500_000) as stream:
        assert stream.read(1_499_999) == data[1_000_001:2_500_000]
    assert len(received) == 1
    assert received[0][1] == 1_499_999


def test_the_rest_of_a_line_behind_a_range_costs_little(large, received):
    uri, data = large
    with storage.open_input(uri, 0, 2_000_000) as stream:
        assert stream.read(2_010_000) == data[:2_010_000]
    assert len(received) == 2
    assert sum(size for _, size in received) <= 1.05 * 2_000_000


def test_a_whole_file_is_read_once(large, received, monkeypatch):
    monkeypatch.setattr(range_stream, "BLOCK_BYTES", 2 << 20)
    uri, data = large
    assert storage.read_bytes(uri) == data
    assert len(received) == 3
    assert sum(size for _, size in received) == SIZE


def test_heads_ends_and_what_is_not_there(large, received, bucket):
    uri, data = large
    assert storage.read_head(uri, 100) == data[:100]
    assert [size for _, size in received] == [100]
    with storage.open_input(uri, 0, 0) as stream:
        stream.seek(-8, 2)
        assert stream.read(8) == data[-8:]
    with storage.open_input(uri, SIZE) as stream:
        assert stream.read() == b""
    received.clear()
    assert storage.read_if_there(f"{bucket}/ranges/none") is None
    assert len(received) == 1
    storage.write_atomically(f"{bucket}/ranges/empty", b"")
    assert storage.read_bytes(f"{bucket}/ranges/empty") == b""
