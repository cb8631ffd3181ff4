"""Reads the documents of Arrow files and streams, which `datasets` folders of Hugging Face consist of; a row is a document.

https://arrow.apache.org/docs/format/Columnar.html: a file is a stream between a magic number and an index, so both are read
from the beginning, one record batch at a time.
"""

import io
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import pyarrow as pa

from beam_jobs import storage
from beam_jobs.documents.open_text import note_misnamed, reader_of
from beam_jobs.documents.read_parquet import batch_records, text_columns
from beam_jobs.documents.record_fields import document_of
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.plan_ranges import InputPiece
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings
from beam_jobs.storage.paths import is_remote

_MAGIC = b"ARROW1\0\0"
_ROWS = 256  # as Python values at a time


def read_arrow(piece: InputPiece, settings: SegmentSettings, faults: SourceFaults) -> Iterator[Document]:
    """The documents of a whole file. A document's offset is its row.

    Memory is bounded by the largest record batch; `datasets` writes 1,000 rows in one. Raises DamagedFileError for a file that
    is not Arrow or is damaged, and UserError if the text column is missing or holds no text.
    """
    row = 0
    with storage.open_input(piece.uri) as stream:
        try:
            for batch in _batches(stream, faults):
                columns = text_columns(batch.schema, piece, settings)
                wanted = batch.select(columns)
                faults.bytes_read += batch.nbytes
                row_bytes = batch.nbytes // max(1, batch.num_rows)
                for start in range(0, batch.num_rows, _ROWS):
                    for record in batch_records(wanted.slice(start, _ROWS)):
                        document = document_of(record, piece.name, row, row_bytes, settings, faults)
                        row += 1
                        if document is not None:
                            yield document
        except (pa.ArrowException, OSError) as error:
            if is_remote(piece.uri) and isinstance(error, OSError) and not isinstance(error, pa.ArrowException):
                raise  # an error of the network, not of the file; the runner tries again
            raise storage.DamagedFileError(piece.uri, f"not a readable Arrow file ({error})") from error
    if not row:
        faults.reject(0, piece.size, "empty_file", "a table without rows")


def _batches(stream: BinaryIO, faults: SourceFaults) -> Iterator[pa.RecordBatch]:
    read = reader_of(stream)
    head = read(len(_MAGIC))
    note_misnamed(stream, faults)
    with pa.ipc.open_stream(io.BufferedReader(_Stream(read, b"" if head == _MAGIC else head))) as batches:
        yield from batches


class _Stream(io.RawIOBase):
    """The bytes that were read already, and then those that follow."""

    def __init__(self, read: Callable[[int], bytes], first: bytes) -> None:
        super().__init__()
        self._read, self._first = read, first

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._first or self._read(len(buffer))
        taken = data[: len(buffer)]
        self._first = self._first[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)
