import io

import pytest

from beam_jobs.records.peekable_stream import PeekableStream


class OneByteAtATime(io.BytesIO):
    def read(self, size=-1):
        return super().read(min(size, 1))


@pytest.mark.parametrize("kind", [io.BytesIO, OneByteAtATime])
def test_bytes_that_were_looked_at_are_still_read(kind):
    stream = PeekableStream(kind(b"abcdefgh"))
    assert stream.peek(3) == b"abc"
    assert stream.peek(2) == b"ab"
    assert stream.readable()
    assert stream.read(1) == b"a"
    assert stream.peek(3) == b"bcd"
    assert b"".join(iter(lambda: stream.read(100), b"")) == b"bcdefgh"
    assert stream.peek(1) == b""


def test_a_stream_shorter_than_what_is_looked_at():
    stream = PeekableStream(io.BytesIO(b"ab"))
    assert stream.peek(12) == b"ab"
    assert stream.read(12) == b"ab"
    assert stream.read(12) == b""
