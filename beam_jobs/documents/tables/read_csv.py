"""Reads the documents of a table of text, a row a document; the first line names the columns.

`.csv` is read as RFC 4180 says: cells with line ends, separators or quotation marks stand in quotation marks. The separator is
the comma, semicolon or tab of the header. In `.tsv` files, quotation marks mean nothing, as in the labelled tables of the
trainer: a row is a line.
"""

import csv
from collections.abc import Iterator
from itertools import chain
from typing import Literal

from beam_jobs.documents.lines import read_lines
from beam_jobs.documents.open_text import TextRange, open_text, with_newlines
from beam_jobs.documents.record_fields import document_of
from beam_jobs.errors import UserError
from beam_jobs.faults.source_faults import MAX_DOCUMENT_BYTES, SourceFaults
from beam_jobs.inputs.plan_ranges import InputPiece, file_format
from beam_jobs.records import Document
from beam_jobs.settings import SegmentSettings
from beam_jobs.settings.where import fields_of

_SEPARATORS = ",;\t"
_OFTEN_QUOTED = "; a table whose cells hold line ends in quotation marks is read as .csv"


def read_csv(piece: InputPiece, settings: SegmentSettings, faults: SourceFaults) -> Iterator[Document]:
    """The documents of a whole file. A document's offset is its row, counted from 0 without the header.

    Rows that are not as the format says, or have more or fewer cells than the header, are set aside. Raises UserError if the
    header does not name the column of the text, or names a wanted column twice.
    """
    tabs = file_format(piece.name) == ".tsv"
    with open_text(piece, faults) as opened:
        lines = _Lines(with_newlines(opened, faults), faults)
        header = next(lines, "")
        separator = "\t" if tabs else max(_SEPARATORS, key=header.count)
        csv.field_size_limit(MAX_DOCUMENT_BYTES)
        quoting: Literal[0, 3] = csv.QUOTE_NONE if tabs else csv.QUOTE_MINIMAL
        rows = csv.reader(chain([header], lines), delimiter=separator, quoting=quoting, strict=not tabs)
        try:
            names = next(rows, [])
        except csv.Error as error:
            raise UserError(f"{piece.uri}: its first line does not name columns ({error}); mend it") from error
        if not names:
            return
        wanted = _wanted_columns(names, piece, settings)
        row = -1
        while True:
            before, row = lines.passed, row + 1
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                faults.reject(row, lines.passed - before, "broken_row", f"{error}: are quotation marks doubled?")
                continue
            size = lines.passed - before
            if not cells:
                row -= 1  # a blank line
                continue
            if len(cells) != len(names):
                detail = f"{len(cells)} cells, but the header names {len(names)}{_OFTEN_QUOTED if tabs else ''}"
                faults.reject(row, size, "broken_row", detail)
                continue
            record = {name: _cell(cells[place], name, settings) for name, place in wanted.items()}
            document = document_of(record, piece.name, row, size, settings, faults)
            if document is not None:
                yield document


class _Lines:
    """The lines of a file as text, in which bytes that are not UTF-8 are lone surrogates; `passed` counts their bytes."""

    def __init__(self, opened: TextRange, faults: SourceFaults) -> None:
        self._lines = read_lines(opened, faults)
        self.passed = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        _, line = next(self._lines)
        self.passed += len(line)
        return line.decode("utf-8", "surrogateescape")


def _cell(text: str, name: str, settings: SegmentSettings) -> str | bytes:
    """A text as bytes, so that what is not UTF-8 is judged with its document; anything else as text."""
    data = text.encode("utf-8", "surrogateescape")
    return data if name in (settings.text_field, settings.pair_field) else data.decode("utf-8", "replace")


def _wanted_columns(names: list[str], piece: InputPiece, settings: SegmentSettings) -> dict[str, int]:
    """The places of the columns that the settings name."""
    found = {}
    for setting in ("text_field", "pair_field", "id_field", "language_field"):
        name = getattr(settings, setting)
        if names.count(name) > 1:
            raise UserError(
                f"{piece.uri} has {names.count(name)} columns {name}; name another by --{setting}, or rename all but one"
            )
        if name in names:
            found[name] = names.index(name)
        elif name and setting in ("text_field", "pair_field"):
            shown = ", ".join(column[:40] for column in names[:10])
            raise UserError(
                f"{piece.uri} has no column {name}; its first line names {shown}: name the right one by --{setting}, or leave "
                "the file out by a glob such as --input 'raw/*.jsonl'"
            )
    found.update({name: names.index(name) for name in fields_of(settings.where) if names.count(name) == 1})
    return found
