"""Reads compressed streams in bounded memory, and distinguishes a damaged file from a failing disk or network.

One loop serves gzip and zlib (by ISA-L, several times faster than Python's zlib), bzip2 and Zstandard, files of several
members included. `open_decompressed` trusts the first bytes of a text file more than its name, because crawlers save
plain text with `.gz` names, and tools confuse the endings. The libraries' own file objects raise many kinds of
exceptions for damage, some of them OSError, and that of Zstandard accepts a truncated file. Here damage is always a
`DamagedFileError`, and an OSError always comes from the storage.
"""

import bz2
import io
import sys
from typing import Any, BinaryIO, Protocol

from isal import igzip_lib

from beam_jobs.errors import UserError
from beam_jobs.storage.zstd_frame import WindowError, ZstdFrame

CHUNK_BYTES = 1 << 16  # compressed bytes fed at a time
BUFFER_BYTES = 1 << 20  # decompressed bytes held

COMPRESSED_ENDINGS = (".gz", ".bz2", ".zst")
ZLIB = ".zlib"  # used instead of an ending for a zlib stream (RFC 1950), which no text file is
_PLAIN = "plain"  # used instead of an ending for a file that is not compressed
_MAGIC = ((".gz", b"\x1f\x8b"), (".bz2", b"BZh"), (".zst", b"\x28\xb5\x2f\xfd"), (_PLAIN, b"PAR1"))
_TEXT_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")  # byte order marks of UTF-16 and UTF-32, which hold NULs
_NOT_IN_TEXT = bytes({*range(0x20), 0x7F} - set(b"\t\n\v\f\r\x1b"))


class DamagedFileError(ValueError):
    """A compressed file is truncated or corrupt. What was read before the damage is right.

    `stored_read` is the number of its bytes, as stored, that had been read; 0 if it is not known. `cut_off` says that
    the file ends too early.
    """

    def __init__(self, name: str, detail: str, stored_read: int = 0, cut_off: bool = False) -> None:
        super().__init__(name, detail, stored_read, cut_off)
        self.name, self.detail, self.stored_read, self.cut_off = name, detail, stored_read, cut_off

    def __str__(self) -> str:
        return f"{self.name} is damaged: {self.detail}"


def compression_ending(name: str) -> str:
    """`.gz`, `.bz2` or `.zst` if `name` ends with it, or else ""."""
    return next((ending for ending in COMPRESSED_ENDINGS if name.lower().endswith(ending)), "")


def open_decompressed(raw: BinaryIO, name: str) -> BinaryIO:
    """A buffered stream of the decompressed bytes of `raw`, whose `name` has an ending; closing it closes `raw`.

    The first bytes of `raw`, not its ending, say how it is compressed. Plain text is read as it is. Reading raises
    DamagedFileError if `raw` is truncated or corrupt.
    """
    return io.BufferedReader(_DecompressingReader(raw, name), BUFFER_BYTES)


def misnamed(stream: BinaryIO) -> str:
    """After the first read: what a stream of `open_decompressed` really holds; "" if its name is right."""
    reader = getattr(stream, "raw", None)
    if not isinstance(reader, _DecompressingReader) or reader.bytes.ending == compression_ending(reader.bytes.name):
        return ""
    return "plain data" if reader.bytes.ending == _PLAIN else f"{reader.bytes.ending[1:]} data"


def _really(head: bytes, ending: str) -> str:
    """The ending for the first bytes of a file; `ending` itself if they show nothing."""
    for known, magic in _MAGIC:
        if head.startswith(magic):
            return known
    is_text = head.startswith(_TEXT_MARKS) or len(head) == len(head.translate(None, _NOT_IN_TEXT))
    skippable_frame = head[1:4] == b"\x2a\x4d\x18"  # a Zstandard file may begin with one
    return _PLAIN if is_text and not skippable_frame else ending


class _Decompressor(Protocol):
    eof: bool
    needs_input: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


def _new_decompressor(ending: str) -> Any:
    if ending == ".gz":
        return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    if ending == ZLIB:
        return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_ZLIB)
    return bz2.BZ2Decompressor() if ending == ".bz2" else ZstdFrame()


def _damage() -> tuple[type[Exception], ...]:
    """What the libraries raise for damage; that of Zstandard is loaded only where it is used."""
    zstandard = sys.modules.get("zstandard")
    return (igzip_lib.IsalError, OSError, ValueError, EOFError, *([zstandard.ZstdError] if zstandard else []))


class DecompressedBytes:
    """The decompressed bytes of a stream, which stays the caller's to close.

    Args:
        raw: the stream as stored.
        name: what errors call it.
        ending: how it is compressed: one of COMPRESSED_ENDINGS, or ZLIB.
        look: whether its first bytes may tell otherwise; then text that is not compressed is given as it is.
        chunk_bytes: how much is read at a time.
    """

    def __init__(
        self, raw: BinaryIO, name: str, ending: str, *, look: bool = False, chunk_bytes: int = CHUNK_BYTES
    ) -> None:
        self.name, self.ending = name, ending
        self._raw, self._look, self._chunk_bytes = raw, look, chunk_bytes
        self._stored_read = 0
        self._decompressor: _Decompressor | None = None  # of the current member; None between members
        self._input = b""  # compressed bytes that were read but not decompressed yet
        self._members = 0

    def read(self, size: int) -> bytes:
        """The next bytes, `size` (at least 1) at most; none at the end. DamagedFileError where they cannot be told."""
        while True:
            if self._decompressor is None and not self._next_member():
                plain, self._input = self._input[:size], self._input[size:]
                return plain
            assert self._decompressor is not None
            if self._decompressor.needs_input and not self._input:
                self._input = self._read_chunk()
                if not self._input:
                    detail = "the file ends in the middle of its compressed data"
                    raise DamagedFileError(self.name, detail, self._stored_read, cut_off=True)
            output = self._decompress(self._decompressor, size)
            if self._decompressor.eof:
                self._input, self._decompressor = self._decompressor.unused_data, None
            if output:
                return output

    def _read_chunk(self) -> bytes:
        chunk = self._raw.read(self._chunk_bytes)
        self._stored_read += len(chunk)
        return chunk

    def _next_member(self) -> bool:
        """Begin the next compressed member; False at the end of the file, or with plain bytes in `_input`.

        A gzip or zlib file may be padded with zeros at its end.
        """
        while True:
            if self._members and self.ending in (".gz", ZLIB):
                self._input = self._input.lstrip(b"\0")
            if self._input:
                break
            self._input = self._read_chunk()
            if not self._input:
                return False
        if self._look and not self._members and self.ending != _PLAIN:
            self.ending = _really(self._input, self.ending)
        if self.ending == _PLAIN:
            return False
        self._decompressor = _new_decompressor(self.ending)
        self._members += 1
        return True

    def _decompress(self, decompressor: _Decompressor, max_length: int) -> bytes:
        data, self._input = (self._input, b"") if decompressor.needs_input else (b"", self._input)
        try:
            return decompressor.decompress(data, max_length)
        except WindowError as error:
            raise UserError(f"{self.name}: {error}") from error
        except _damage() as error:
            detail = f"not valid {self.ending[1:]} data ({error})"
            raise DamagedFileError(self.name, detail, self._stored_read) from error


class _DecompressingReader(io.RawIOBase):
    """`DecompressedBytes` as a stream of Python's io."""

    def __init__(self, raw: BinaryIO, name: str) -> None:
        super().__init__()
        self.bytes = DecompressedBytes(raw, name, compression_ending(name), look=True)
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.bytes.read(len(buffer)) if len(buffer) else b""
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()
