"""What is asked of a store, by a stand-in; the real ones are in test_ranges_remote.py."""

import io

import pytest

from beam_jobs.storage import range_stream
from beam_jobs.storage.range_stream import RangeStream

DATA = bytes(i % 251 for i in range(10_000))


class Store:
    """An object, and the ranges that it was asked for."""

    def __init__(self, data=DATA):
        self.data, self.asked = data, []

    def fetch(self, offset, size):
        self.asked.append((offset, size))
        return self.data[offset : offset + size]

    def open(self, start=0, end=-1):
        return io.BufferedReader(RangeStream(self.fetch, lambda: len(self.data), start, end), 100)


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(range_stream, "BLOCK_BYTES", 1000)
    monkeypatch.setattr(range_stream, "BEHIND_BYTES", 10)
    monkeypatch.setattr(range_stream, "_MAX_BEHIND_BYTES", 40)


def test_a_range_is_fetched_in_blocks_and_nothing_else():
    store = Store()
    with store.open(500, 2700) as stream:
        assert stream.read(2200) == DATA[500:2700]
    assert sorted(store.asked) == [(500, 1000), (1500, 1000), (2500, 200)]


def test_behind_the_range_the_requests_are_small_at_first():
    store = Store()
    with store.open(500, 600) as stream:
        assert stream.read(260) == DATA[500:760]
    assert store.asked[:4] == [(500, 100), (600, 10), (610, 20), (630, 40)]


def test_the_next_block_is_asked_for_while_the_first_is_read():
    store = Store()
    with store.open(0, 2000) as stream:
        stream.read(1)
        range_stream._threads().submit(int).result()
        stream.raw._next[2].result()
        assert store.asked == [(0, 1000), (1000, 1000)]
        assert stream.read(1999) == DATA[1:2000]
    assert store.asked == [(0, 1000), (1000, 1000)]


def test_a_small_file_takes_one_request_and_a_whole_one_is_read_to_its_end():
    store = Store(b"small")
    with store.open() as stream:
        assert stream.read() == b"small"
        assert stream.read() == b""
    assert store.asked == [(0, 1000)]
    store = Store(b"")
    with store.open() as stream:
        assert (stream.read(), len(store.asked)) == (b"", 1)
    with Store().open() as stream:
        assert stream.read() == DATA


def test_a_seek_asks_for_nothing_and_jumps_read_little():
    store = Store()
    with store.open(0, 0) as stream:
        assert stream.seek(-4, io.SEEK_END) == 9996
        assert store.asked == []
        assert stream.read(4) == DATA[-4:]
        assert stream.seek(5000) == 5000
        assert stream.read(20) == DATA[5000:5020]
        assert (stream.seek(1, io.SEEK_CUR), stream.read(3)) == (5021, DATA[5021:5024])
    assert sum(size for _, size in store.asked) < 300


def test_an_error_of_the_next_block_is_raised_where_it_is_needed_and_reading_goes_on_after_it():
    failing = Store()

    def fetch(offset, size):
        if offset == 1000 and len(failing.asked) == 1:
            failing.asked.append((offset, size))
            raise OSError("reset")
        return failing.fetch(offset, size)

    stream = RangeStream(fetch, lambda: len(DATA), 0, 2000)
    assert stream.read(1000) == DATA[:1000]
    with pytest.raises(OSError, match="reset"):
        stream.read(1000)
    assert stream.read(1000) == DATA[1000:2000]
    with pytest.raises(ValueError, match="negative"):
        stream.seek(-1)
