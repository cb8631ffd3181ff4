"""Reads the documents of a Parquet file, row group by row group."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from beam_jobs import storage
from beam_jobs.documents.open_text import note_misnamed
from beam_jobs.documents.record_fields import PARAGRAPHS_FIELD, document_of
from beam_jobs.documents.stored_table import StoredTable, metadata_of, ranges_of
from beam_jobs.errors import UserError
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.plan_ranges import InputPiece
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings
from beam_jobs.settings.where import fields_of
from beam_jobs.storage.decompress import compression_ending
from beam_jobs.storage.paths import is_remote

_BATCH_ROWS = 256
_BUFFER_BYTES = 1 << 20


def read_parquet(piece: InputPiece, settings: SegmentSettings, faults: SourceFaults) -> Iterator[Document]:
    """The documents of the row groups whose first byte lies in the piece. A document's offset is its row in the file.

    Raises DamagedFileError for a file that is not Parquet or is damaged, and UserError if the text column is missing or
    holds no text.
    """
    with ExitStack() as stack:
        stored = is_remote(piece.uri) and not compression_ending(piece.uri) and piece.file_size >= 0
        try:
            if stored:
                table = stack.enter_context(StoredTable(piece.uri, piece.file_size))
                metadata = metadata_of(piece.uri, piece.file_size, piece.version)
                yield from _read(table, metadata, piece, settings, faults)
            else:
                yield from _read(stack.enter_context(seekable(piece.uri, faults)), None, piece, settings, faults)
        except (pa.ArrowException, OSError) as error:
            if is_remote(piece.uri) and isinstance(error, OSError) and not isinstance(error, pa.ArrowException):
                raise  # an error of the network, not of the file; the runner tries again
            raise storage.DamagedFileError(piece.uri, f"not a readable Parquet file ({error})") from error


def seekable(uri: str, faults: SourceFaults) -> BinaryIO:
    """The file itself, or a decompressed copy on the local disk, since reading Parquet begins at the end."""
    stream = storage.open_input(uri, 0, 0)  # no range is known before the end of the file is read
    if not compression_ending(uri):
        return stream
    copy = tempfile.TemporaryFile()  # noqa: SIM115, the caller closes it
    try:
        with stream:
            shutil.copyfileobj(stream, copy, _BUFFER_BYTES)
            note_misnamed(stream, faults)
    except BaseException:
        copy.close()
        raise
    return copy


def _read(
    stream: Any, metadata: Any, piece: InputPiece, settings: SegmentSettings, faults: SourceFaults
) -> Iterator[Document]:
    file = pq.ParquetFile(stream, metadata=metadata, buffer_size=_BUFFER_BYTES, pre_buffer=False)
    columns = text_columns(file.schema_arrow, piece, settings)
    if piece.start == 0 and not file.metadata.num_rows:
        faults.reject(0, piece.size, "empty_file", "a table without rows")
    row = 0
    for group in range(file.metadata.num_row_groups):
        of_group = file.metadata.row_group(group)
        if not _belongs(of_group, piece):
            row += of_group.num_rows
            continue
        faults.bytes_read += of_group.total_byte_size
        row_bytes = of_group.total_byte_size // max(1, of_group.num_rows)
        wanted = [name for name in columns if name != PARAGRAPHS_FIELD or not _is_full(of_group, settings.text_field)]
        if isinstance(stream, StoredTable):
            stream.announce(ranges_of(of_group, wanted))
        for batch in file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=wanted, use_threads=False):
            for record in batch_records(batch):
                document = document_of(record, piece.name, row, row_bytes, settings, faults)
                row += 1
                if document is not None:
                    yield document


def _belongs(metadata: Any, piece: InputPiece) -> bool:
    column = metadata.column(0)
    first = column.dictionary_page_offset or column.data_page_offset
    return piece.end < 0 or piece.start <= first < piece.end


def _is_full(metadata: Any, name: str) -> bool:
    """Whether the statistics of a row group say that none of its rows is null in a column."""
    for i in range(metadata.num_columns):
        column = metadata.column(i)
        if column.path_in_schema == name:
            statistics = column.statistics
            return statistics is not None and statistics.has_null_count and statistics.null_count == 0
    return False


def text_columns(schema: pa.Schema, piece: InputPiece, settings: SegmentSettings) -> list[str]:
    """The columns that a document is made of. Raises UserError if the text column is missing or holds no text."""
    asked = {"pair_field": bool(settings.pair_field), "confidence_field": settings.quality != "off"}
    named = ("text_field", "id_field", "language_field", *(name for name, wanted in asked.items() if wanted))
    wanted = [getattr(settings, name) for name in named]
    tops = [name if name in schema.names else name.partition(".")[0] for name in fields_of(settings.where)]
    columns = [name for name in dict.fromkeys([*wanted, *tops]) if name in schema.names]
    for setting, name in zip(named, wanted, strict=True):
        if schema.names.count(name) > 1:
            raise UserError(
                f"{piece.uri} has {schema.names.count(name)} columns {name}; "
                f"name another by --{setting}, or rename all but one"
            )
    if settings.pair_field and settings.pair_field not in schema.names:
        raise UserError(
            f"{piece.uri} has no column {settings.pair_field}; name one of {', '.join(schema.names)} by --pair_field"
        )
    if PARAGRAPHS_FIELD in schema.names and PARAGRAPHS_FIELD not in columns:
        columns.append(PARAGRAPHS_FIELD)  # for rows without text
    if settings.text_field in schema.names:
        kind = schema.field(settings.text_field).type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        if not any(test(kind) for test in _TEXT_TYPES):
            raise UserError(
                f"{piece.uri}: column {settings.text_field} holds {kind}, not text; name the right one by --text_field"
            )
    elif PARAGRAPHS_FIELD not in schema.names:
        raise UserError(
            f"{piece.uri} has no column {settings.text_field}; name one of {', '.join(schema.names)} by --text_field"
        )
    return columns


_TEXT_TYPES = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
    pa.types.is_null,
)


def batch_records(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    """The rows as dictionaries. Text is given as bytes, because Parquet files can hold invalid UTF-8."""
    columns = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        columns.append((name, _values(column)))
    for i in range(batch.num_rows):
        yield {name: values[i] for name, values in columns}


def _values(column: pa.Array) -> list[Any]:
    try:
        return column.to_pylist()
    except UnicodeDecodeError:
        return column.cast(pa.large_binary()).to_pylist()
