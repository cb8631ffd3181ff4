"""Documents of a JSON file: an object a line, objects one after the other, or an array of objects."""

import json
from collections.abc import Iterator
from typing import Any

import orjson

from beam_jobs import storage
from beam_jobs.documents.json_values import (
    JsonValue,
    first_value,
    is_array,
    is_run_together,
    is_spread_over_lines,
    split_values,
)
from beam_jobs.documents.lines import first_line, too_large
from beam_jobs.documents.open_text import TextRange, open_text, reader_of, with_newlines
from beam_jobs.documents.record_fields import PARAGRAPHS_FIELD, document_of
from beam_jobs.faults.source_faults import MAX_DOCUMENT_BYTES, METADATA, SourceFaults
from beam_jobs.inputs.plan_ranges import InputPiece, file_format
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings

_NOT_JSON = object()
_LINE_BYTES = 1 << 20  # a longer line is split into its values while it is read
_DRAIN_BYTES = 1 << 20
_METADATA_BYTES = 1 << 20


_Parsed = tuple[int, bytes, Any]


def read_jsonl(piece: InputPiece, settings: SegmentSettings, faults: SourceFaults) -> Iterator[Document]:
    """The documents of the lines that begin in the piece. Blank lines are skipped, and broken values are set aside.

    A file that holds an array, or objects of several lines, is not cut: its first range is the whole file. A `.json`
    file that holds a single object without text is taken for settings beside the documents; it is noted, and gives no
    document.
    """
    values = json_values(piece, faults)
    if file_format(piece.name) == ".json":
        values = _unless_metadata(values, settings, faults)
    for offset, data, record in values:
        if isinstance(record, dict):
            document = document_of(record, piece.name, offset, len(data), settings, faults)
            if document is not None:
                yield document
        else:
            detail = f"a JSON {type(record).__name__} stands there, not an object"
            faults.reject(offset, len(data), "not_an_object", detail)


def json_values(piece: InputPiece, faults: SourceFaults) -> Iterator[tuple[int, bytes, Any]]:
    """The values that begin in the piece, each with its offset and its bytes; of an array, those in it.

    A file is cut, and what cannot be read is set aside, as `read_jsonl` says.
    """
    with open_text(piece, faults) as opened:
        array = is_array(opened.head)
        streamed = opened.end < 0 and is_run_together(opened.head)  # one damaged line would lose everything
        if array or streamed or is_spread_over_lines(opened.head):
            yield from iter(()) if opened.start else _all_values(opened, faults, array)
        else:
            yield from _values_of_lines(with_newlines(opened, faults), faults)


def _unless_metadata(values: Iterator[_Parsed], settings: SegmentSettings, faults: SourceFaults) -> Iterator[_Parsed]:
    """The values; none if there is only a single small object without a field for text."""
    for first in values:
        _, data, record = first
        fields = {settings.text_field, PARAGRAPHS_FIELD}
        if not isinstance(record, dict) or fields & record.keys() or len(data) > _METADATA_BYTES:
            yield first
            break
        try:
            second = next(values, None)
        except storage.DamagedFileError:
            yield first
            raise
        if second is None:
            field = f"{settings.text_field} (--text_field)"
            faults.noted.add(f"{METADATA} {field}, passed over as no document")
            return
        yield from (first, second)
        break
    yield from values


def _values_of_lines(opened: TextRange, faults: SourceFaults) -> Iterator[_Parsed]:
    """(offset, bytes, value) of the lines that begin in the range. A line may hold several values."""
    position = first_line(opened)
    if position is None:
        return
    while line := opened.stream.readline(_LINE_BYTES):
        if 0 <= opened.end <= position:
            return
        faults.bytes_read += len(line)
        if len(line) == _LINE_BYTES and not line.endswith(b"\n"):
            before = faults.bytes_read - len(line)
            yield from _values_of_long_line(opened, position, line, faults)
            position += faults.bytes_read - before
            continue
        try:
            yield position, line, orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield from _values_of_odd_line(position, line, faults, str(error))
        position += len(line)


def _values_of_odd_line(offset: int, line: bytes, faults: SourceFaults, complaint: str) -> Iterator[_Parsed]:
    """As `_values_of_lines`, for a line that is not a single value: it has none, a broken one, or several."""
    text = first_value(line)
    if not text:
        return
    values = list(split_values(_once(line), len(line)))
    if not text.startswith(b"{"):
        values = [JsonValue(0, line)]  # one rejection for the whole line
    for value in values:
        yield from _parse(offset + value.offset, value.data, faults, complaint if len(values) == 1 else "")


def _values_of_long_line(opened: TextRange, offset: int, begun: bytes, faults: SourceFaults) -> Iterator[_Parsed]:
    """As `_values_of_lines`, for a long line of which `begun` is read: one large value, or many without newlines."""
    waiting = [begun]

    def read(size: int) -> bytes:
        nonlocal begun
        if waiting:
            return waiting.pop()
        if begun.endswith(b"\n"):
            return b""
        begun = opened.stream.readline(size)
        faults.bytes_read += len(begun)
        return begun

    start = faults.bytes_read - len(begun)
    for value in split_values(read, MAX_DOCUMENT_BYTES):
        yield from _parse_value(value, offset, start, read, faults)


def _all_values(opened: TextRange, faults: SourceFaults, array: bool) -> Iterator[_Parsed]:
    """(offset, bytes, value) of all values of the file, regardless of line ends."""

    read_stream = reader_of(opened.stream)

    def read(size: int) -> bytes:
        data = read_stream(size)
        faults.bytes_read += len(data)
        return data

    start = faults.bytes_read
    for value in split_values(read, MAX_DOCUMENT_BYTES, array):
        yield from _parse_value(value, 0, start, read, faults)


def _parse_value(value: JsonValue, offset: int, start: int, read: Any, faults: SourceFaults) -> Iterator[_Parsed]:
    """`offset` is where the stream of values begins in the file, and `start` is `faults.bytes_read` at that point."""
    if value.too_large:
        while read(_DRAIN_BYTES):
            pass
        size = faults.bytes_read - start - value.offset
        faults.reject(offset + value.offset, size, "too_large", too_large(size))
    else:
        yield from _parse(offset + value.offset, value.data, faults)


def _parse(offset: int, data: bytes, faults: SourceFaults, complaint: str = "") -> Iterator[_Parsed]:
    try:
        record = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        record = _parse_slowly(data, offset, faults, complaint or str(error))
    if record is not _NOT_JSON:
        yield offset, data, record


def _parse_slowly(data: bytes, offset: int, faults: SourceFaults, complaint: str) -> Any:
    """Reads what orjson refuses: invalid UTF-8, lone surrogates, NaN. Rejects what cannot be read."""
    text = faults.decode(data, offset)
    if text is None:
        return _NOT_JSON
    try:
        record = json.loads(text)
        # Only escapes can express lone surrogates. Encoded again as UTF-8 without them, the record is plain text.
        return json.loads(faults.encodable(json.dumps(record, ensure_ascii=False)))
    except (ValueError, RecursionError):
        faults.reject(offset, len(data), "broken_json", complaint)
        return _NOT_JSON


def _once(data: bytes) -> Any:
    """A `read` for `split_values` that returns these bytes once, and then none."""
    waiting = [data]
    return lambda size: waiting.pop() if waiting else b""
