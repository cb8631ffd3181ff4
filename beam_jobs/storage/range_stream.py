"""A stream of an object's bytes that asks the store for exact ranges, and for the next one ahead of time."""

import io
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from beam_jobs.storage.per_process import once_per_process

BLOCK_BYTES = 9 << 20
"""The most bytes of one request inside the range that the caller announced: a range of the input plan is at most 8 MiB."""

BEHIND_BYTES = 64 << 10
"""The first request behind that range, for the rest of a line. Each further one asks for twice as many."""

_MAX_BEHIND_BYTES = 2 << 20
_THREADS = 16  # requests ahead of time in one process; further ones wait

Fetch = Callable[[int, int], bytes]
"""`fetch(offset, size)` returns `size` bytes at `offset`, and fewer only if the object ends there."""


class RangeStream(io.RawIOBase):
    """A seekable stream from `start` on. Wrap it in a BufferedReader.

    The bytes up to `end` are fetched in blocks. While the caller works on a block, a thread fetches the next one. The
    stream goes on behind `end`, in small requests, so the caller may read a little further. No more than two blocks are
    held. Opening fetches the first block, so that a missing object is noticed at once.

    Args:
        fetch: see `Fetch`. Its exceptions pass through.
        size: returns the size of the object in bytes. It is called only for a seek from the end.
        start: position of the first byte to read.
        end: where the caller will stop, as far as it knows; -1 for the end of the object.
    """

    def __init__(self, fetch: Fetch, size: Callable[[], int], start: int = 0, end: int = -1) -> None:
        super().__init__()
        self._fetch, self._size = fetch, size
        self._end = end
        self._position = self._block_start = start
        self._block = b""
        self._total = -1  # the size of the object, as soon as it is known
        self._behind = BEHIND_BYTES
        self._next: tuple[int, int, Future[bytes]] | None = None  # position and size of the request ahead of time
        if end < 0 or start < end:
            self._load(sequential=False)

    def readable(self) -> bool:
        """Always true."""
        return True

    def seekable(self) -> bool:
        """Always true."""
        return True

    def tell(self) -> int:
        """The position in the object."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a position. This asks the store for nothing, except for the size if `whence` is SEEK_END."""
        if whence == os.SEEK_END:
            if self._total < 0:
                self._total = self._size()
            offset += self._total
        elif whence == os.SEEK_CUR:
            offset += self._position
        if offset < 0:
            raise ValueError(f"negative position {offset}")
        self._position = offset
        return offset

    def readinto(self, buffer: Any) -> int:
        """Read at most as many bytes as `buffer` holds; 0 only at the end."""
        at = self._position - self._block_start
        if not 0 <= at < len(self._block):
            if 0 <= self._total <= self._position or not len(buffer):
                return 0
            self._load(sequential=at == len(self._block))
            at = 0
        data = memoryview(self._block)[at : at + len(buffer)]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        """Drop the block, and the request ahead of time."""
        if not self.closed:
            self._block = b""
            self._forget_next()
        super().close()

    def _load(self, sequential: bool) -> None:
        """Make the block at the position the current one, and ask for the one after it."""
        position = self._position
        if self._next is not None and self._next[0] == position:
            _, size, future = self._next
            self._next = None
            self._block = b""  # so that no more than two blocks are held
            data = future.result()
        else:
            self._forget_next()
            size = self._size_at(position, sequential)
            data = self._fetch(position, size)
        self._block, self._block_start = data, position
        after = position + len(data)
        if len(data) < size:
            self._total = after
        elif after < self._end or (self._end < 0 and sequential):
            size = self._size_at(after, sequential=True)
            self._next = after, size, _threads().submit(self._fetch, after, size)

    def _size_at(self, position: int, sequential: bool) -> int:
        if position < self._end:
            return min(BLOCK_BYTES, self._end - position)
        if self._end < 0 and (sequential or position == self._block_start):
            return BLOCK_BYTES
        size = self._behind if sequential else BEHIND_BYTES
        self._behind = min(2 * size, _MAX_BEHIND_BYTES)
        return size

    def _forget_next(self) -> None:
        if self._next is not None:
            self._next[2].cancel()
            self._next = None


@once_per_process
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, "read ahead")
