"""Reads the documents of a piece of the input in any format. What cannot be read is set aside, not dropped."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from beam_jobs import storage
from beam_jobs.documents.read_jsonl import read_jsonl
from beam_jobs.documents.read_tar import tar_members
from beam_jobs.documents.read_txt import read_txt
from beam_jobs.documents.read_warc import read_warc
from beam_jobs.documents.read_wikiextractor import read_wikiextractor
from beam_jobs.documents.tables.read_csv import read_csv
from beam_jobs.errors import UserError
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.faults.text_head import too_many_nuls
from beam_jobs.inputs.partitions import partition_fields
from beam_jobs.inputs.plan_ranges import TAR, TGZ, WIKIEXTRACTOR, InputPiece, file_format, text_bytes
from beam_jobs.inputs.require_unchanged import Check, require_unchanged
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings
from beam_jobs.storage.decompress import DamagedFileError

_Reader = Callable[[InputPiece, SegmentSettings, SourceFaults], Iterator[Document]]


def _read_parquet(piece: InputPiece, settings: SegmentSettings, faults: SourceFaults) -> Iterator[Document]:
    from beam_jobs.documents.read_parquet import read_parquet  # loads pyarrow: 50 MB that other formats do without

    return read_parquet(piece, settings, faults)


def _read_arrow(piece: InputPiece, settings: SegmentSettings, faults: SourceFaults) -> Iterator[Document]:
    from beam_jobs.documents.tables.read_arrow import read_arrow  # loads pyarrow

    return read_arrow(piece, settings, faults)


_READERS: dict[str, _Reader] = {
    ".jsonl": read_jsonl,
    ".json": read_jsonl,
    ".txt": read_txt,
    ".parquet": _read_parquet,
    ".arrow": _read_arrow,
    ".csv": read_csv,
    ".tsv": read_csv,
    WIKIEXTRACTOR: read_wikiextractor,
    ".warc": read_warc,
    ".wet": read_warc,
}

_BLANK_BYTES = 1 << 20


def read_documents(
    piece: InputPiece,
    settings: SegmentSettings,
    faults: SourceFaults,
    check: Check = require_unchanged,
    copy: str = "",
) -> Iterator[Document]:
    """The documents of `piece` that hold more than white space, or did before `--where` left out paragraphs, in order.

    A document that names no language gets that of the file's partition (`lang=nb/`), if there is one.

    A truncated or corrupt file gives the documents before the damage, and one rejection. Raises UserError if the file
    cannot be opened, if a setting does not fit it, or if it has changed since the plan was made,
    which `check` finds out after the last document. `copy` is the path of a copy on this machine, which is read instead
    (see `fetched_pieces`).
    """
    read = _documents_of_archive if file_format(piece.name) in (TAR, TGZ) and piece.size else _documents
    if not copy:
        yield from read(piece, settings, faults)
    else:
        try:
            yield from read(replace(piece, uri=copy), settings, faults)
        except UserError as error:  # it names the copy
            raise UserError(str(error).replace(copy, piece.uri)) from error
    check(piece.uri, piece.file_size, piece.version)


def _documents_of_archive(piece: InputPiece, settings: SegmentSettings, faults: SourceFaults) -> Iterator[Document]:
    archive = faults.source
    try:
        for member in tar_members(piece, faults):
            faults.source, faults.suspected = member.name, ""
            try:
                for document in _documents(member, settings, faults):
                    yield replace(document, split=member.split)
            except UserError as error:  # it names the unpacked file on the local disk
                raise UserError(str(error).replace(member.uri, member.name)) from error
            faults.source = archive
    except DamagedFileError as error:
        faults.source = archive
        share_read = error.stored_read / piece.size
        faults.reject_damaged(0, error.detail, text_bytes(piece), share_read, faults.bytes_read)


def _documents(piece: InputPiece, settings: SegmentSettings, faults: SourceFaults) -> Iterator[Document]:
    if piece.size == 0:
        faults.reject(0, 0, "empty_file", "the file has no bytes")
        return
    offset = 0
    found = False
    before, found_before = faults.bytes_read, (faults.rejected.total(), len(faults.noted))
    try:
        language = "" if settings.language else partition_fields(piece.name).get(settings.language_field, "")
        for document in _READERS[file_format(piece.name)](piece, settings, faults):
            found, offset = True, document.offset
            if language and not document.language:
                document = replace(document, language=language)
            if too_many_nuls(document.text.count("\0"), len(document.text)):
                detail = "more than 1 in 100 characters are NUL: it seems to be UTF-16 or binary data"
                faults.reject(offset, document.size, "not_text", detail, document.id)
            elif (document.text and not document.text.isspace()) or any(lost for lost, _ in document.paragraphs):
                yield document  # without text if conditions left out all paragraphs: a filter takes it
            else:
                faults.reject(offset, document.size, "empty", "no text but white space", document.id)
    except DamagedFileError as error:
        faults.reject_damaged(
            offset, error.detail, text_bytes(piece), error.stored_read / piece.size, faults.bytes_read - before
        )
        return
    silent = found_before == (faults.rejected.total(), len(faults.noted))
    if not found and silent and piece.start == 0:
        behind = 0 if piece.end < 0 else _blank_bytes_behind(piece)
        if behind is not None:
            faults.reject(0, piece.size + behind, "empty_file", "no document in the file")


def _blank_bytes_behind(piece: InputPiece) -> int | None:
    """The bytes of white space between a range and the end of its file; None if there is anything else.

    With it, the first range can report a file that has no documents at all.
    """
    if file_format(piece.name) == ".parquet":
        return None  # its reader reports a table without rows
    size = 0
    with storage.open_input(piece.uri, piece.end, piece.end) as stream:
        while part := stream.read(_BLANK_BYTES):
            if part.strip():
                return None
            size += len(part)
    return size
