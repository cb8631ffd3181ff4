"""The documents of a piece of the input, whatever its format; what cannot be read is set aside, not dropped."""

from collections.abc import Iterator

from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings
from beam_jobs.transforms.decompress import DamagedFileError
from beam_jobs.transforms.findings import Findings
from beam_jobs.transforms.plan_ranges import WIKIEXTRACTOR, InputPiece, file_format, text_bytes
from beam_jobs.transforms.read_jsonl import read_jsonl
from beam_jobs.transforms.read_parquet import read_parquet
from beam_jobs.transforms.read_txt import read_txt
from beam_jobs.transforms.read_warc import read_warc
from beam_jobs.transforms.read_wikiextractor import read_wikiextractor
from beam_jobs.transforms.require_unchanged import require_unchanged
from beam_jobs.transforms.text_head import too_many_nuls

_READERS = {
    ".jsonl": read_jsonl,
    ".json": read_jsonl,
    ".txt": read_txt,
    ".parquet": read_parquet,
    WIKIEXTRACTOR: read_wikiextractor,
    ".warc": read_warc,
    ".wet": read_warc,
}


def read_documents(piece: InputPiece, settings: SegmentSettings, findings: Findings) -> Iterator[Document]:
    """The documents of `piece` that hold more than white space, in order.

    A truncated or corrupt file yields what stands before the damage and one rejection. Raises UserError when the file
    cannot be opened, a setting does not fit it, or the file is not the one any more that the plan was made of.
    """
    yield from _documents(piece, settings, findings)
    require_unchanged(piece.uri, piece.file_size, piece.version)


def _documents(piece: InputPiece, settings: SegmentSettings, findings: Findings) -> Iterator[Document]:
    if piece.size == 0:
        findings.reject(0, 0, "empty_file", "the file has no bytes")
        return
    offset = 0
    found = False
    try:
        for document in _READERS[file_format(piece.name)](piece, settings, findings):
            found, offset = True, document.offset
            if too_many_nuls(document.text.count("\0"), len(document.text)):
                detail = "more than 1 in 100 characters are NUL: it seems to be UTF-16 or binary data"
                findings.reject(offset, document.size, "not_text", detail, document.id)
            elif document.text and not document.text.isspace():
                yield document
            else:
                findings.reject(offset, document.size, "empty", "no text but white space", document.id)
    except DamagedFileError as error:
        findings.reject_damaged(offset, error.detail, text_bytes(piece), error.stored_read / piece.size)
        return
    if not found and piece.start == 0 and piece.end < 0 and not findings.rejected and not findings.noted:
        findings.reject(0, piece.size, "empty_file", "no document in the file")
