"""The texts of evaluation files: documents, and the examples of tasks with all their strings."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from beam_jobs.documents.open_text import TextRange, open_text
from beam_jobs.documents.read_documents import read_documents
from beam_jobs.documents.read_jsonl import json_values
from beam_jobs.errors import UserError
from beam_jobs.faults.source_faults import SourceFaults
from beam_jobs.inputs.input_file import InputFile, has_ending
from beam_jobs.inputs.list_inputs import list_inputs
from beam_jobs.inputs.plan_ranges import FORMATS, InputPiece
from beam_jobs.records import Rejection
from beam_jobs.settings import SegmentSettings
from beam_jobs.storage.decompress import DamagedFileError, compression_ending

_MOST_CELL = 256 << 20
_ROWS = 1024


def evaluation_files(patterns: Sequence[str], flag: str) -> list[InputFile]:
    """The files that `patterns` name, sorted by name. Raises UserError, naming `flag`, if one of them names none."""
    try:
        return list_inputs(patterns, FORMATS)
    except UserError as error:
        raise UserError(str(error).replace("--input", flag)) from error


def evaluation_texts(file: InputFile, settings: SegmentSettings, flag: str) -> Iterator[str]:
    """The texts of an evaluation file.

    Of JSON, of Parquet and of tables, these are all strings, at any depth: questions, contexts and answers, so that the
    files of any task can be read. Of other formats they are the documents, of a .txt file as `--documents_are` says.

    Raises UserError, naming `flag` and the file, for anything that cannot be read: what is not read would be missed.
    """

    def refuse(rejection: Rejection) -> None:
        if rejection.reason not in ("empty", "empty_file"):
            raise UserError(
                f"{flag} {rejection.source}: at {rejection.offset}: {rejection.detail}; mend it, or name another file"
            )

    piece = InputPiece(file.uri, file.name, file.name, 0, -1, file.size)
    faults = SourceFaults(file.name, refuse)
    try:
        yield from _reader_of(file.name)(piece, settings, faults)
    except (DamagedFileError, csv.Error) as error:
        raise UserError(f"{flag} {file.name}: cannot be read ({error}); mend it, or name another file") from error


def _reader_of(name: str) -> Callable[[InputPiece, SegmentSettings, SourceFaults], Iterator[str]]:
    plain = name.lower().removesuffix(compression_ending(name))
    own = {".tsv": _of_tsv, ".csv": _of_csv, ".jsonl": _of_json, ".json": _of_json, ".parquet": _of_parquet}
    return next((read for ending, read in own.items() if has_ending(plain, ending)), _of_documents)


def _of_documents(piece: InputPiece, settings: SegmentSettings, faults: SourceFaults) -> Iterator[str]:
    for document in read_documents(piece, settings, faults):
        yield document.text


def _of_json(piece: InputPiece, settings: SegmentSettings, faults: SourceFaults) -> Iterator[str]:
    for _, _, value in json_values(piece, faults):
        yield from _strings(value)


def _of_parquet(piece: InputPiece, settings: SegmentSettings, faults: SourceFaults) -> Iterator[str]:
    import pyarrow as pa  # loads 50 MB that other formats do without
    import pyarrow.parquet as pq

    from beam_jobs.documents.read_parquet import seekable

    try:
        with seekable(piece.uri, faults) as stream:
            for batch in pq.ParquetFile(stream).iter_batches(_ROWS, use_threads=False):
                for column in batch.columns:
                    for value in column.to_pylist():
                        yield from _strings(value)
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise DamagedFileError(piece.uri, f"not a readable Parquet file ({error})") from error


def _of_tsv(piece: InputPiece, settings: SegmentSettings, faults: SourceFaults) -> Iterator[str]:
    """The cells. As in the trainer, quotation marks hold cells together in .csv and not in .tsv."""
    with open_text(piece, faults) as opened:
        for line in _lines(opened):
            yield from line.split("\t")


def _of_csv(piece: InputPiece, settings: SegmentSettings, faults: SourceFaults) -> Iterator[str]:
    csv.field_size_limit(_MOST_CELL)
    with open_text(piece, faults) as opened:
        lines = _lines(opened)
        header = lines.readline()
        delimiter = ";" if ";" in header and "," not in header else ","
        for row in csv.reader(chain([header], lines), delimiter=delimiter):
            yield from row


def _lines(opened: TextRange) -> io.TextIOWrapper:
    return io.TextIOWrapper(opened.stream, "utf-8-sig", "replace", newline="")


def _strings(value: Any) -> Iterator[str]:
    """The strings in a value of JSON or Parquet, those of keys not among them."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list | tuple):
            waiting.extend(reversed(value))
