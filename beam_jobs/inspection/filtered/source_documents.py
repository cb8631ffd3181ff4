"""The documents at some places in the input, as far as the input is still there."""

from collections.abc import Iterable, Iterator

from beam_jobs.documents.read_documents import read_documents
from beam_jobs.errors import UserError
from beam_jobs.execution.earlier_outputs import OUTPUT_KINDS
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.input_file import InputFile
from beam_jobs.inputs.list_inputs import list_inputs
from beam_jobs.inputs.plan_ranges import FORMATS, TAR, TGZ, WIKIEXTRACTOR, InputPiece, file_format
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings
from beam_jobs.storage import DamagedFileError
from beam_jobs.storage.decompress import compression_ending

_MOST_CHARACTERS = 256 << 20  # read of one file that cannot be entered at a place

Place = tuple[str, int]
"""The name of a source and an offset in it, as in rejections and filtered documents."""


def source_documents(places: Iterable[Place], settings: SegmentSettings) -> dict[Place, Document]:
    """The document at each place; those that cannot be read any more are left out.

    `settings` are those of the job; `input` is where its input is now. A file that cannot be entered at a place, such as a
    compressed one, is read from its beginning, but not further than 256 million characters.
    """
    wanted = set(places)
    try:
        files = list_inputs(settings.input, FORMATS, own_output=settings.output, not_text=OUTPUT_KINDS)
    except UserError:
        return {}
    found: dict[Place, Document] = {}
    for file in files:
        of_file = {place for place in wanted - found.keys() if _is_in(place[0], file)}
        if of_file:
            found.update(_documents_in(file, of_file, settings))
    return found


def _is_in(source: str, file: InputFile) -> bool:
    archive = file_format(file.name) in (TAR, TGZ)
    return source == file.name or (archive and source.startswith(file.name + "/"))


def _documents_in(file: InputFile, places: set[Place], settings: SegmentSettings) -> dict[Place, Document]:
    found: dict[Place, Document] = {}
    try:
        if _can_be_entered(file, settings):
            for source, offset in sorted(places):
                piece = InputPiece(file.uri, file.name, file.name, offset, offset + 1, 1)
                for document in _documents(piece, settings):
                    if document.offset == offset:
                        found[source, offset] = document
                    break
        read = 0
        left = places - found.keys()
        for document in (
            _documents(InputPiece(file.uri, file.name, file.name, 0, -1, file.size), settings) if left else ()
        ):
            if (document.source, document.offset) in left:
                found[document.source, document.offset] = document
            read += len(document.text)
            if len(found) == len(places) or read > _MOST_CHARACTERS:
                break
    except (UserError, DamagedFileError, OSError):
        pass  # what was found so far is shown
    return found


def _can_be_entered(file: InputFile, settings: SegmentSettings) -> bool:
    format = file_format(file.name)
    one_document = format == ".txt" and settings.documents_are == "files"
    return (
        format in (".jsonl", ".json", ".txt", WIKIEXTRACTOR) and not one_document and not compression_ending(file.name)
    )


def _documents(piece: InputPiece, settings: SegmentSettings) -> Iterator[Document]:
    return read_documents(piece, settings, SourceFaults(piece.name, lambda _: None))
