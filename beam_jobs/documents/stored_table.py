"""A Parquet file in an object store, as the file object that pyarrow reads: few requests, and only what is wanted.

A reader jumps between the columns of a row group. So each column has a stream of its own, which fetches ahead, and
small neighbouring columns share one. The end of a file, which says where its columns lie, is read once per process.
"""

import io
import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, BinaryIO

import pyarrow.parquet as pq

from beam_jobs import storage
from beam_jobs.storage.in_order import in_order

_FOOTER_BYTES = 64 << 10  # what pyarrow reads first
_SMALL_BYTES = 8 << 20  # columns that together take no more are fetched by one request
_GAP_BYTES = 64 << 10  # between two columns that are fetched together
_FILES_KEPT = 8  # of which a process keeps the metadata
_AT_ONCE = 4

Range = tuple[int, int]


class StoredTable(io.RawIOBase):
    """A file of a known size that is read in the ranges which `announce` has named, and elsewhere by single requests."""

    def __init__(self, uri: str, size: int) -> None:
        super().__init__()
        self._uri, self._size, self._position = uri, size, 0
        self._streams: list[tuple[Range, BinaryIO]] = []

    def announce(self, ranges: Sequence[Range]) -> None:
        """Begin to fetch these ranges, at the same time. Those that were announced before are dropped."""
        self._drop()
        streams = in_order(lambda one: storage.open_input(self._uri, *one), ranges, _AT_ONCE)
        self._streams = list(zip(ranges, streams, strict=True))

    def read(self, size: int = -1) -> bytes:
        """The next bytes, as many as asked for unless the file ends."""
        end = self._size if size < 0 else min(self._size, self._position + size)
        parts = []
        while self._position < end:
            part = self._read_to(end)
            if not part:
                break
            self._position += len(part)
            parts.append(part)
        return b"".join(parts)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a position. Asks for nothing."""
        self._position = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        return self._position

    def tell(self) -> int:
        """The position in the file."""
        return self._position

    def readable(self) -> bool:
        """Always true."""
        return True

    def seekable(self) -> bool:
        """Always true."""
        return True

    def close(self) -> None:
        """Drop what was fetched."""
        if not self.closed:
            self._drop()
        super().close()

    def _read_to(self, end: int) -> bytes:
        for (first, last), stream in self._streams:
            if first <= self._position < last:
                if stream.tell() != self._position:
                    stream.seek(self._position)
                return stream.read(min(end, last) - self._position)
        with storage.open_input(self._uri, self._position, end) as stream:
            return stream.read(end - self._position)

    def _drop(self) -> None:
        streams, self._streams = self._streams, []
        for _, stream in streams:
            stream.close()


@lru_cache(maxsize=_FILES_KEPT)
def metadata_of(uri: str, size: int, version: str) -> Any:
    """The metadata of a Parquet file, while it has this size and version. Raises pyarrow's exceptions for damage."""
    start = max(0, size - _FOOTER_BYTES)
    with StoredTable(uri, size) as file:
        file.announce([(start, size)])
        return pq.read_metadata(file)


def ranges_of(row_group: Any, columns: Iterable[str]) -> list[Range]:
    """The byte ranges of these columns of a row group, the small ones joined with their neighbours."""
    wanted = set(columns)
    chunks = []
    for i in range(row_group.num_columns):
        chunk = row_group.column(i)
        if chunk.path_in_schema.partition(".")[0] in wanted or chunk.path_in_schema in wanted:
            start = chunk.data_page_offset
            if chunk.has_dictionary_page and 0 < chunk.dictionary_page_offset < start:
                start = chunk.dictionary_page_offset
            chunks.append((start, start + chunk.total_compressed_size))
    chunks.sort()
    joined = chunks[:1]
    for start, end in chunks[1:]:
        first, last = joined[-1]
        if start - last <= _GAP_BYTES and end - first <= _SMALL_BYTES:
            joined[-1] = first, max(last, end)
        else:
            joined.append((start, end))
    return joined
