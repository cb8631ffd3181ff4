"""The lines of a byte range: every line of a file belongs to exactly one of its ranges."""

from collections.abc import Iterator

from beam_jobs.documents.open_text import TextRange
from beam_jobs.faults.source_faults import MAX_DOCUMENT_BYTES, SourceFaults

BOM = b"\xef\xbb\xbf"
_SKIP_BYTES = 1 << 20


def read_lines(text: TextRange, faults: SourceFaults) -> Iterator[tuple[int, bytes]]:
    """Yield (offset, line with its newline) of the lines whose first byte lies in [start, end) of the file.

    Then come the lines behind the range, until the caller stops, because the last document of a range may end there. A
    byte order mark at the beginning of a line is dropped, because files that begin with one are sometimes joined. A
    line longer than MAX_DOCUMENT_BYTES is set aside, and an empty line is yielded instead.
    """
    first = first_line(text)
    if first is None:
        return
    position, stream = first, text.stream
    while line := stream.readline(MAX_DOCUMENT_BYTES):
        offset, position = position, position + len(line)
        inside = text.end < 0 or offset < text.end
        if len(line) == MAX_DOCUMENT_BYTES and not line.endswith(b"\n"):
            while part := stream.readline(_SKIP_BYTES):
                position += len(part)
                if part.endswith(b"\n"):
                    break
            if inside:
                size = position - offset
                faults.reject(offset, size, "too_large", too_large(size))
            line = b"\n"
        if inside:
            faults.bytes_read += position - offset
        if line.startswith(BOM):
            line = line[len(BOM) :]
        yield offset, line


def first_line(text: TextRange) -> int | None:
    """The offset of the first line whose first byte lies in the range, where the stream then is. None if there is none.

    The rest of a line that began before the range is skipped without keeping it, and nothing behind the range is read.
    """
    if not text.start:
        return 0
    position = text.start - 1
    while text.end < 0 or position < text.end:
        limit = _SKIP_BYTES if text.end < 0 else min(_SKIP_BYTES, text.end - position)
        part = text.stream.readline(limit)
        position += len(part)
        if not part:
            return None
        if part.endswith(b"\n"):
            return position if text.end < 0 or position < text.end else None
    return None


def too_large(size: int) -> str:
    """The detail of the rejection of a document that is too large."""
    limit = f"more than {MAX_DOCUMENT_BYTES >> 20} MiB in one document"
    return f"{size} bytes, {limit}; for .txt, is --documents_are=lines or paragraph_blocks meant?"
