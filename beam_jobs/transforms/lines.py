"""The lines of a byte range: every line of a file belongs to exactly one of its ranges."""

from collections.abc import Iterator

from beam_jobs.transforms import storage
from beam_jobs.transforms.findings import MAX_DOCUMENT_BYTES, Findings
from beam_jobs.transforms.plan_ranges import InputPiece

_BOM = b"\xef\xbb\xbf"
_SKIP_BYTES = 1 << 20


def read_lines(piece: InputPiece, findings: Findings) -> Iterator[tuple[int, bytes]]:
    """(offset, line with its newline) of the lines whose first byte lies in [start, end) of the decompressed file, and
    then of those behind, until the caller stops: the last document of a range may run on past its end.

    A byte order mark is dropped. A line above MAX_DOCUMENT_BYTES is set aside and comes as an empty one.
    """
    with storage.open_input(piece.uri, max(0, piece.start - 1)) as stream:
        position = piece.start - 1 + _skip_line(stream) if piece.start else 0
        while line := stream.readline(MAX_DOCUMENT_BYTES):
            offset, position = position, position + len(line)
            if len(line) == MAX_DOCUMENT_BYTES and not line.endswith(b"\n"):
                position += _skip_line(stream)
                if piece.end < 0 or offset < piece.end:
                    findings.reject(offset, "too_large", too_large(position - offset))
                line = b"\n"
            if offset == 0 and line.startswith(_BOM):
                line = line[len(_BOM) :]
            yield offset, line


def too_large(size: int) -> str:
    """The detail of a rejected giant."""
    limit = f"more than {MAX_DOCUMENT_BYTES >> 20} MiB in one document"
    return f"{size} bytes, {limit}; for .txt, is --documents_are=lines or paragraph_blocks meant?"


def _skip_line(stream: storage.BinaryIO) -> int:
    """Read to the next newline without holding the line; the number of bytes skipped."""
    skipped = 0
    while part := stream.readline(_SKIP_BYTES):
        skipped += len(part)
        if part.endswith(b"\n"):
            break
    return skipped
