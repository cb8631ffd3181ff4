"""Reads the documents of web archives: WARC files with plain text, and Common Crawl's WET files (ISO 28500)."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from beam_jobs import storage
from beam_jobs.documents.lines import too_large
from beam_jobs.documents.open_text import note_misnamed, read_some
from beam_jobs.faults.source_faults import MAX_DOCUMENT_BYTES, SourceFaults
from beam_jobs.inputs.plan_ranges import InputPiece
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings

_LINE_BYTES = 1 << 16  # no line of a header is longer
_DRAIN_BYTES = 1 << 20
_NO_TEXT = "records of other types than text/plain, passed over"
_HTML = "HTML is not read: extract its text first, or take the archive's WET files"
_CHARSET = re.compile(r"charset=[\"']?([\w.:-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Record:
    headers: dict[str, str]  # by name in lower case
    offset: int
    size: int  # of header and body, in bytes
    body: bytes | None  # None if it is too large


def read_warc(piece: InputPiece, settings: SegmentSettings, faults: SourceFaults) -> Iterator[Document]:
    """The text records of the file: `conversion` records, and `response` and `resource` records of text/plain.

    The id of a document is that of its record. HTML pages are set aside. Records that are not text, such as images, are
    noted and skipped. Raises DamagedFileError if there is no record where one should begin.
    """
    with storage.open_input(piece.uri) as stream:
        for record in _records(stream, piece.name, faults):
            kind = record.headers.get("warc-type", "")
            if kind not in ("conversion", "response", "resource"):
                continue  # a record about the archive itself
            id = record.headers.get("warc-record-id", "").strip("<>").removeprefix("urn:uuid:")
            id = id or f"{piece.name}:{record.offset}"
            if record.body is None:
                faults.reject(record.offset, record.size, "too_large", too_large(record.size), id)
                continue
            headers, body = record.headers, record.body
            if kind == "response":
                headers, body = _http(body)
            media = headers.get("content-type", "").split(";")[0].strip().lower()
            if "html" in media:
                faults.reject(record.offset, record.size, "html", _HTML, id)
            elif media not in ("text/plain", "") or headers.get("content-encoding", "identity") != "identity":
                faults.noted.add(_NO_TEXT)
            else:
                text = faults.decode(_as_utf8(body, headers.get("content-type", "")), record.offset)
                if text is not None:
                    yield Document(id, text, settings.language, piece.name, record.offset, size=record.size)


def _records(stream: BinaryIO, name: str, faults: SourceFaults) -> Iterator[_Record]:
    position = 0
    while line := stream.readline(_LINE_BYTES):
        if not position:
            note_misnamed(stream, faults)
        offset, position = position, position + len(line)
        if not line.strip():
            faults.bytes_read += len(line)
            continue  # two line ends stand after each record
        if not line.startswith(b"WARC/"):
            raise storage.DamagedFileError(name, f"no WARC record begins at byte {offset}")
        header = [line]
        while (line := stream.readline(_LINE_BYTES)).strip():
            header.append(line)
        position += sum(map(len, header[1:])) + len(line)
        headers = _parse_headers(header[1:])
        length = headers.get("content-length", "")
        if not length.isascii() or not length.isdigit():
            raise storage.DamagedFileError(name, f"the record at byte {offset} has no Content-Length")
        size = int(length)
        parts: list[bytes] = []
        left = size
        while left and (part := read_some(stream, min(left, _DRAIN_BYTES))):
            left -= len(part)
            if size <= MAX_DOCUMENT_BYTES:
                parts.append(part)
        if left:
            raise storage.DamagedFileError(name, f"the record at byte {offset} is cut")
        position += size
        faults.bytes_read += position - offset
        body = b"".join(parts) if size <= MAX_DOCUMENT_BYTES else None
        yield _Record(headers, offset, position - offset, body)


def _parse_headers(lines: list[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.decode("utf-8", "replace").partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return headers


def _http(message: bytes) -> tuple[dict[str, str], bytes]:
    """Headers and body of a response. An error page gets a type that is not read."""
    head, _, body = message.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    status = lines[0].split(b" ")
    if len(status) < 2 or status[1] != b"200":
        return {"content-type": "error"}, b""
    headers = _parse_headers(lines[1:])
    if "chunked" in headers.get("transfer-encoding", "") and re.match(rb"[0-9A-Fa-f]+\r\n", body):
        body = _unchunked(body)
    return headers, body


def _unchunked(body: bytes) -> bytes:
    parts, position = [], 0
    while (found := re.compile(rb"([0-9A-Fa-f]+)[^\n]*\r\n").match(body, position)) and int(found[1], 16):
        end = found.end() + int(found[1], 16)
        parts.append(body[found.end() : end])
        position = end + 2
    return b"".join(parts)


def _as_utf8(body: bytes, content_type: str) -> bytes:
    """The body converted to UTF-8 if its header names an encoding that fits it, or else unchanged."""
    named = _CHARSET.search(content_type)
    try:
        return body.decode(codecs.lookup(named[1]).name).encode() if named else body
    except (LookupError, ValueError):
        return body
