"""One Zstandard frame; zstandard itself is the oracle."""

import random

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.storage.zstd_frame import WindowError, ZstdFrame

_MAGIC = (0xFD2FB528).to_bytes(4, "little")


def _read(data: bytes, feed: int, max_length: int) -> tuple[bytes, bytes, bool]:
    """Text, unused data and whether the frame came to its end; every call's text is checked to be no more than asked."""
    frame, text, at = ZstdFrame(), b"", 0
    while not frame.eof:
        part = b""
        if frame.needs_input:
            part, at = data[at : at + feed], at + feed
            if not part:
                return text, b"", False
        got = frame.decompress(part, max_length)
        assert len(got) <= max_length
        text += got
    return text, frame.unused_data + data[at:], True


def _hand_made(window_exponent: int, *blocks: bytes) -> bytes:
    """A frame of raw blocks whose header says that its window is 2**window_exponent."""
    headers = [(len(block) << 3 | (i == len(blocks) - 1)).to_bytes(3, "little") for i, block in enumerate(blocks)]
    body = b"".join(header + block for header, block in zip(headers, blocks, strict=True))
    return _MAGIC + bytes([0, (window_exponent - 10) << 3]) + body


@given(
    text=st.binary(max_size=2000)
    | st.builds(lambda byte, n: byte * n, st.binary(min_size=1, max_size=3), st.integers(0, 400_000)),
    level=st.sampled_from([-5, 1, 3, 19]),
    has_size=st.booleans(),
    has_checksum=st.booleans(),
    feed=st.sampled_from([1, 2, 7, 1000, 1 << 16]),
    max_length=st.sampled_from([10_000, 1 << 20]),
    behind=st.binary(max_size=10),
)
def test_any_frame_in_any_pieces(
    text: bytes, level: int, has_size: bool, has_checksum: bool, feed: int, max_length: int, behind: bytes
) -> None:
    compressor = zstandard.ZstdCompressor(level, write_checksum=has_checksum, write_content_size=has_size)
    assert _read(compressor.compress(text) + behind, feed, max_length) == (text, behind, True)


def test_a_streamed_frame_of_many_blocks() -> None:
    text = b"".join(random.Random(3).choices([b"one ", b"two ", b"three\n"], k=300_000))
    stream = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    data = stream.compress(text[:1000]) + stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    data += stream.compress(text[1000:]) + stream.flush()
    assert _read(data, 1 << 16, 1 << 20) == (text, b"", True)


@pytest.mark.parametrize("size", [0, 3, 100_000])
def test_a_skippable_frame_has_no_text(size: int) -> None:
    frame = (0x184D2A53).to_bytes(4, "little") + size.to_bytes(4, "little") + bytes(size)
    for feed in (1 << 16, 5):
        assert _read(frame + b"behind", feed, 100) == (b"", b"behind", True)
        assert _read(frame[:-1], feed, 100) == (b"", b"", False)


def test_a_frame_cut_anywhere_gives_its_beginning_and_no_end() -> None:
    text = random.Random(5).randbytes(300_000)
    data = zstandard.ZstdCompressor(write_checksum=True).compress(text)
    for cut in (1, 3, 5, 9, 100, 140_000, 299_000, len(data) - 4, len(data) - 1):
        got, _, ended = _read(data[:cut], 1000, 1 << 20)
        assert text.startswith(got)
        assert len(got) >= cut - (1 << 17) - 50
        assert not ended


def test_damage_is_the_librarys_error() -> None:
    for data in (b"no frame at all", _MAGIC + b"\x08" + bytes(20), _hand_made(20, b"x")[:-4] + b"\x07\0\0"):
        with pytest.raises(zstandard.ZstdError):
            _read(data, 1 << 16, 100)


def test_long_windows() -> None:
    for exponent in (27, 28, 31):
        assert _read(_hand_made(exponent, b"some ", b"text"), 3, 100) == (b"some text", b"", True)
    with pytest.raises(WindowError, match=r"window of 4,096 MiB cannot be held"):
        _read(_hand_made(32, b"text"), 100, 100)


def test_a_window_is_its_power_of_two_and_so_many_eighths_of_it() -> None:
    for eighths, exponent, reads in ((7, 27, True), (0, 31, True), (1, 31, False)):
        frame = _MAGIC + bytes([0, (exponent - 10) << 3 | eighths]) + _hand_made(20, b"text")[6:]
        if reads:
            assert _read(frame, 100, 100) == (b"text", b"", True)
        else:
            with pytest.raises(WindowError, match=r"window of 2,304 MiB cannot be held"):
                _read(frame, 100, 100)


def test_a_feed_gives_no_more_than_a_block() -> None:
    data = zstandard.ZstdCompressor().compress(bytes(50 << 20))
    frame = ZstdFrame()
    assert len(frame.decompress(data, 1 << 30)) <= 1 << 17
