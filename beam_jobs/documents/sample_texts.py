"""Reads a sample of text for checking a vocabulary, in all formats of the segment job."""

from collections.abc import Iterator

from beam_jobs import storage
from beam_jobs.documents.read_documents import read_documents
from beam_jobs.errors import UserError
from beam_jobs.faults.set_aside import REMEDIES
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.list_inputs import list_inputs
from beam_jobs.inputs.plan_ranges import FORMATS, InputPiece, is_known
from beam_jobs.records import Rejection
from beam_jobs.settings import SegmentSettings
from beam_jobs.storage.paths import is_remote, local_path
from vocab.sample_text import read_sample

_OF_A_FIELD = ("text_missing", "text_null", "text_not_a_string")


def sample_texts(path: str, text_field: str) -> Iterator[str]:
    """The texts of a file, folder, glob or URI, document by document; .txt files are read line by line.

    A local file with an unknown ending is read as plain text. Raises UserError, naming the file, for anything that the
    segment job would set aside, because a sample is small enough to be corrected.
    """
    if not is_known(path) and not is_remote(path) and storage.exists(path) and local_path(path).is_file():
        yield from read_sample(path, text_field)
        return
    settings = SegmentSettings(text_field=text_field, documents_are="lines")
    try:
        files = list_inputs([path], FORMATS)
    except UserError as error:
        raise UserError(str(error).replace("--input", "--text")) from error
    for file in files:
        faults = SourceFaults(file.name, _refuse)
        for document in read_documents(InputPiece(file.uri, file.name, file.name, 0, -1, file.size), settings, faults):
            yield document.text


def _refuse(rejection: Rejection) -> None:
    if rejection.reason not in ("empty", "empty_file"):
        remedy = f"{REMEDIES[rejection.reason]}, or " if rejection.reason in _OF_A_FIELD else ""
        raise UserError(
            f"--text {rejection.source}: at {rejection.offset}: {rejection.detail}; {remedy}mend or leave it out"
        )
