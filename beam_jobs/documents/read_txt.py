"""Reads the documents of a .txt file: the file, its lines, or its blocks of lines up to a blank line."""

from collections.abc import Iterator

from beam_jobs.documents.lines import BOM, read_lines, too_large
from beam_jobs.documents.open_text import TextRange, open_text, with_newlines
from beam_jobs.documents.read_wikiextractor import is_wikiextractor, read_articles
from beam_jobs.faults.source_faults import MAX_DOCUMENT_BYTES, SourceFaults
from beam_jobs.inputs.plan_ranges import InputPiece
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings

_SKIP_BYTES = 1 << 20


def read_txt(piece: InputPiece, settings: SegmentSettings, faults: SourceFaults) -> Iterator[Document]:
    """The documents that begin in the piece, as `--documents_are` says, or the articles of wikiextractor in it.

    Ids are `<name>:<offset>`, or the name alone if the file is one document.
    """
    parts = {"files": _files, "lines": _lines, "paragraph_blocks": _blocks}[settings.documents_are]
    with open_text(piece, faults) as opened:
        if is_wikiextractor(opened.head):
            yield from read_articles(opened, piece.name, settings, faults)
            return
        for offset, data in parts(opened, faults):
            text = faults.decode(data, offset)
            if text is None:
                continue
            id = piece.name if settings.documents_are == "files" else f"{piece.name}:{offset}"
            yield Document(id, text, settings.language, piece.name, offset, size=len(data))


def _files(opened: TextRange, faults: SourceFaults) -> Iterator[tuple[int, bytes]]:
    data = opened.stream.read(MAX_DOCUMENT_BYTES + 1)
    size = len(data)
    if size > MAX_DOCUMENT_BYTES:
        while part := opened.stream.read(_SKIP_BYTES):
            size += len(part)
        faults.reject(0, size, "too_large", too_large(size))
    elif data:
        yield 0, data.removeprefix(BOM)
    faults.bytes_read += size


def _lines(opened: TextRange, faults: SourceFaults) -> Iterator[tuple[int, bytes]]:
    for offset, line in read_lines(with_newlines(opened, faults), faults):
        if 0 <= opened.end <= offset:
            return
        if line.strip():
            yield offset, line


def _blocks(opened: TextRange, faults: SourceFaults) -> Iterator[tuple[int, bytes]]:
    """A block belongs to the range in which the blank line before it begins.

    The first block belongs to the first range.
    """
    block: list[bytes] = []
    start = size = 0
    begins = opened.start == 0  # whether the next line with text begins a block of this range
    for offset, line in read_lines(with_newlines(opened, faults), faults):
        inside = opened.end < 0 or offset < opened.end
        if not line.strip():
            yield from _whole_block(block, start, size, faults)
            block, size, begins = [], 0, True
            if not inside:
                return
        elif begins:
            if not block:
                start = offset
            size += len(line)
            if size <= MAX_DOCUMENT_BYTES:
                block.append(line)
        elif not inside:
            return
    yield from _whole_block(block, start, size, faults)


def _whole_block(block: list[bytes], start: int, size: int, faults: SourceFaults) -> Iterator[tuple[int, bytes]]:
    if size > MAX_DOCUMENT_BYTES:
        faults.reject(start, size, "too_large", too_large(size))
    elif block:
        yield start, b"".join(block)
