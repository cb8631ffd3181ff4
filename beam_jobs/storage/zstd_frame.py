"""Decompresses one Zstandard frame with bounded output. RFC 8878 describes the format.

A frame has a header, blocks and perhaps a checksum. The text of a block is at most 128 KiB, but a block can be as short
as four bytes, so that 64 KiB of a frame may become gigabytes of text. So the library gets only one block at a time
here.
"""

from collections.abc import Generator

from beam_jobs.errors import UserError

MAX_WINDOW = 1 << 31
"""In bytes. `zstd --ultra --long=31` makes frames that need as much, and the library makes none that need more."""

_MAGIC = 0xFD2FB528
_SKIPPABLE_MAGIC, _SKIPPABLE_MASK = 0x184D2A50, 0xFFFFFFF0
_RLE_BLOCK = 1  # one byte, to be repeated
_WITHOUT_END = 1 << 62

_Reading = Generator[bytes, None, bytes]
"""Yields data for the library, or b"" if more data must come first. Returns what was read."""


class WindowError(ValueError):
    """The window of a frame, that is the text in memory that it needs for decompression, is too long."""

    def __init__(self, window: int) -> None:
        super().__init__(
            f"its Zstandard window of {window >> 20:,} MiB cannot be held in memory; "
            "compress it again with a shorter one, such as zstd --long=27"
        )


class ZstdFrame:
    """Decompresses one frame, with the interface of `bz2.BZ2Decompressor`. A skippable frame is one without text.

    `decompress` raises zstandard.ZstdError for data that is not Zstandard's or is damaged, WindowError for a window
    above MAX_WINDOW or this machine's memory.
    """

    def __init__(self) -> None:
        """Raises UserError if the library is not installed: a machine that only trains needs none."""
        try:
            import zstandard
        except ImportError:
            raise UserError("reading Zstandard needs its library: .venv/bin/pip install zstandard") from None
        self._library_error = zstandard.ZstdError
        self._library = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW).decompressobj()
        self._window = 0
        self._data, self._at = b"", 0  # the data given, and how much of it is used
        self._text = b""  # decompressed and not yet returned
        self._parts = self._read_frame()
        self._complete = False
        self.needs_input = True

    @property
    def eof(self) -> bool:
        """Whether the whole frame has been read and its text returned."""
        return self._complete and not self._text

    @property
    def unused_data(self) -> bytes:
        """The data that lies behind the end of the frame."""
        return self._data[self._at :] if self._complete else b""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most `max_length` bytes of text from `data` and from earlier data; perhaps none."""
        if data:
            self._data, self._at = self._data[self._at :] + data, 0
        self.needs_input = False
        while not self._text and not self._complete:
            try:
                part = next(self._parts)
            except StopIteration:
                self._complete = True
                break
            if not part:
                self.needs_input = True
                break
            self._text = self._decompress(part)
        text, self._text = self._text[:max_length], self._text[max_length:]
        return text

    def _decompress(self, part: bytes) -> bytes:
        try:
            return self._library.decompress(part)
        except MemoryError:
            raise WindowError(self._window) from None
        except self._library_error as error:
            if "memory" in str(error):
                raise WindowError(self._window) from None
            raise

    def _read_frame(self) -> Generator[bytes, None, None]:
        start = yield from self._exactly(4)
        magic = int.from_bytes(start, "little")
        if magic & _SKIPPABLE_MASK == _SKIPPABLE_MAGIC:
            size = int.from_bytes((yield from self._exactly(4)), "little")
            yield from self._skip(size)
            return
        if magic != _MAGIC:
            yield start  # the library reports the error
            yield from self._pass_on(_WITHOUT_END)
        has_checksum = yield from self._read_header(start)
        last = False
        while not last:
            header = yield from self._exactly(3)
            fields = int.from_bytes(header, "little")
            last, kind, size = bool(fields & 1), fields >> 1 & 3, fields >> 3
            yield header
            yield from self._pass_on(1 if kind == _RLE_BLOCK else size)
        if has_checksum:
            yield from self._pass_on(4)

    def _read_header(self, start: bytes) -> Generator[bytes, None, bool]:
        """Pass the header on. Returns whether a checksum follows the last block."""
        descriptor = yield from self._exactly(1)
        flags = descriptor[0]
        is_single_segment = bool(flags & 0x20)  # then the window is the whole text, whose size is given
        window_bytes = 0 if is_single_segment else 1
        size_bytes = (1 if is_single_segment else 0, 2, 4, 8)[flags >> 6]
        rest = yield from self._exactly(window_bytes + (0, 1, 2, 4)[flags & 3] + size_bytes)
        if is_single_segment:
            self._window = int.from_bytes(rest[-size_bytes:], "little")
        else:
            base = 1 << (10 + (rest[0] >> 3))
            self._window = base + base // 8 * (rest[0] & 7)
        if self._window > MAX_WINDOW:
            raise WindowError(self._window)
        yield start + descriptor + rest
        return bool(flags & 4)

    def _exactly(self, size: int) -> _Reading:
        """Read `size` bytes, which must be few. Nothing is passed on."""
        while len(self._data) - self._at < size:
            yield b""
        self._at += size
        return self._data[self._at - size : self._at]

    def _pass_on(self, size: int) -> Generator[bytes, None, None]:
        while size:
            part = self._data[self._at : self._at + size]
            self._at += len(part)
            size -= len(part)
            yield part

    def _skip(self, size: int) -> Generator[bytes, None, None]:
        while size:
            part = min(size, len(self._data) - self._at)
            self._at += part
            size -= part
            if size:
                yield b""
