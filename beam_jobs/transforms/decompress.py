"""Reading compressed streams in bounded memory, telling a damaged file from a failing disk or network.

One loop serves gzip (by ISA-L, several times faster than zlib), bzip2 and Zstandard, files of several members included.
The libraries' own file objects raise half a dozen exceptions for damage, some of them OSError, and Zstandard's ends a
truncated file in silence; here damage is always `DamagedFileError`, and an OSError is always the storage below.
"""

import bz2
import io
from typing import Any, BinaryIO, Protocol

import zstandard
from isal import igzip_lib

CHUNK_BYTES = 1 << 16  # compressed bytes fed at a time
BUFFER_BYTES = 1 << 20  # decompressed bytes held

COMPRESSED_ENDINGS = (".gz", ".bz2", ".zst")


class DamagedFileError(ValueError):
    """A compressed file that is truncated or corrupt; what was read before the damage is good."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(name, detail)
        self.name, self.detail = name, detail

    def __str__(self) -> str:
        return f"{self.name} is damaged: {self.detail}"


def compression_ending(name: str) -> str:
    """`.gz`, `.bz2` or `.zst` when `name` ends so, else the empty string."""
    return next((ending for ending in COMPRESSED_ENDINGS if name.lower().endswith(ending)), "")


def open_decompressed(raw: BinaryIO, name: str) -> BinaryIO:
    """A buffered stream of the decompressed bytes of `raw`, by the ending of `name`; closing it closes `raw`.

    Reading raises DamagedFileError where `raw` is truncated or corrupt.
    """
    return io.BufferedReader(_DecompressingReader(raw, name), BUFFER_BYTES)


class _Decompressor(Protocol):
    eof: bool
    needs_input: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _ZstdDecompressor:
    """zstandard's one-frame decompressor with the interface of `bz2.BZ2Decompressor`."""

    def __init__(self) -> None:
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._pending = b""

    @property
    def eof(self) -> bool:
        return self._frame.eof and not self._pending

    @property
    def needs_input(self) -> bool:
        return not self._pending

    @property
    def unused_data(self) -> bytes:
        return self._frame.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        data = self._pending or self._frame.decompress(data)
        self._pending = data[max_length:]
        return data[:max_length]


def _new_decompressor(ending: str) -> Any:
    if ending == ".gz":
        return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
    return bz2.BZ2Decompressor() if ending == ".bz2" else _ZstdDecompressor()


_DAMAGE: tuple[type[Exception], ...]
_DAMAGE = (igzip_lib.IsalError, zstandard.ZstdError, OSError, ValueError, EOFError)  # type: ignore[assignment]


class _DecompressingReader(io.RawIOBase):
    def __init__(self, raw: BinaryIO, name: str) -> None:
        super().__init__()
        self._raw, self._name, self._ending = raw, name, compression_ending(name)
        self._decompressor: _Decompressor | None = None  # of the present member; None between members
        self._input = b""  # compressed bytes read and not yet fed
        self._members = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if len(buffer) == 0:
            return 0
        while True:
            if self._decompressor is None and not self._next_member():
                return 0
            assert self._decompressor is not None
            if self._decompressor.needs_input and not self._input:
                self._input = self._raw.read(CHUNK_BYTES)
                if not self._input:
                    raise DamagedFileError(self._name, "the file ends in the middle of its compressed data")
            output = self._decompress(self._decompressor, len(buffer))
            if self._decompressor.eof:
                self._input, self._decompressor = self._decompressor.unused_data, None
            if output:
                buffer[: len(output)] = output
                return len(output)

    def _next_member(self) -> bool:
        """Begin the next compressed member; False at the end of the file. gzip may be padded with zeros at its end."""
        while True:
            if self._members and self._ending == ".gz":
                self._input = self._input.lstrip(b"\0")
            if self._input:
                break
            self._input = self._raw.read(CHUNK_BYTES)
            if not self._input:
                return False
        self._decompressor = _new_decompressor(self._ending)
        self._members += 1
        return True

    def _decompress(self, decompressor: _Decompressor, max_length: int) -> bytes:
        data, self._input = (self._input, b"") if decompressor.needs_input else (b"", self._input)
        try:
            return decompressor.decompress(data, max_length)
        except _DAMAGE as error:
            raise DamagedFileError(self._name, f"not valid {self._ending[1:]} data ({error})") from error

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()
