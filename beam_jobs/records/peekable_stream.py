"""A stream whose first bytes can be looked at before they are read, to tell how it is compressed."""

import io
from typing import Any, BinaryIO


class PeekableStream(io.RawIOBase):
    """The bytes of another stream, which the caller closes."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._ahead = stream, b""

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, or fewer at the end of the stream. They stay in the stream."""
        while len(self._ahead) < size and (more := self._stream.read(size - len(self._ahead))):
            self._ahead += more
        return self._ahead[:size]

    def readable(self) -> bool:
        """Always true."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes at most, none at the end; all that are left when `size` is negative."""
        if size < 0:
            return super().readall()
        data = self._ahead[:size] or self._stream.read(size)
        self._ahead = self._ahead[len(data) :]
        return data

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer, as `io.RawIOBase` asks for; return how many bytes, 0 at the end."""
        data = self._ahead[: len(buffer)] or self._stream.read(len(buffer))
        self._ahead = self._ahead[len(data) :]
        buffer[: len(data)] = data
        return len(data)
