"""Gzip and zlib streams by ISA-L, several times faster than zlib; all that comes before damage is given."""

from typing import BinaryIO

from isal import igzip_lib

_COMPRESSED_BYTES = 1 << 18  # read at a time


class DamagedGzipError(ValueError):
    """A compressed stream that is cut off or corrupt."""


class GzipReader:
    """The content of a gzip file, of several members too, or of a zlib stream (TensorFlow's ZLIB)."""

    def __init__(self, raw: BinaryIO, zlib: bool = False) -> None:
        self._raw = raw
        self.is_zlib = zlib
        self._input = b""  # read behind the end of a member
        self._member: igzip_lib.IgzipDecompressor | None = None
        self._members = 0

    def read(self, size: int) -> bytes:
        """The next bytes, `size` at most; none at the end. Raises DamagedGzipError where they cannot be told."""
        while True:
            if self._member is None and not self._begin_member():
                return b""
            assert self._member is not None
            data, self._input = self._input, b""
            if not data and self._member.needs_input:
                data = self._raw.read(_COMPRESSED_BYTES)
                if not data:
                    raise DamagedGzipError("the file ends in the middle of its compressed data")
            try:
                output = self._member.decompress(data, size)
            except (igzip_lib.IsalError, ValueError, EOFError) as error:  # type: ignore[misc]
                raise DamagedGzipError(str(error)) from error
            if self._member.eof:
                self._input, self._member = self._member.unused_data, None
            if output:
                return output

    def _begin_member(self) -> bool:
        """Whether there is another member; zeros behind the last are padding."""
        while True:
            self._input = self._input.lstrip(b"\0") if self._members else self._input
            if self._input:
                break
            self._input = self._raw.read(_COMPRESSED_BYTES)
            if not self._input:
                return False
        self._member = igzip_lib.IgzipDecompressor(
            flag=igzip_lib.DECOMP_ZLIB if self.is_zlib else igzip_lib.DECOMP_GZIP
        )
        self._members += 1
        return True
