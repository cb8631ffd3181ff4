"""Reads .tsv and .csv files whose first line names the columns.

A cell of a .tsv file is what stands between two tabs, quotation marks included, as in the files of GLUE (Wang et al.
2018), where reading them as quotes would swallow whole lines. A .csv file is read as RFC 4180 says: a cell in
quotation marks may hold commas, newlines, and quotation marks that are doubled.
"""

import csv
from collections.abc import Iterator

from beam_jobs.errors import UserError
from trainer.examples.files.lines import read_lines
from trainer.examples.files.table import Table

_Rows = Iterator[tuple[int, list[str]]]


def read_delimited(uri: str, tabs: bool) -> Table:
    """The rows of a file, each with its line; `tabs` says that it is .tsv. All values are text.

    A .csv file whose header has semicolons and no commas is separated by semicolons, as spreadsheets write it where the
    comma is the decimal sign. Blank lines are passed over, and a remark counts them.

    Raises UserError for a file that `read_lines` refuses, a header that is no header, a row that repeats it, a
    row with more or fewer cells than the header, quotes that do not close, and a file without rows.
    """
    opened = read_lines(uri)
    header_line = next(line for line in opened.lines if line.strip())
    delimiter = "\t" if tabs else ";" if ";" in header_line and "," not in header_line else ","
    rows = _unquoted(opened.lines) if tabs else _quoted(opened.lines, delimiter, uri)
    remarks = opened.remarks
    if delimiter == ";":
        remarks = (*remarks, f"{uri}: is separated by semicolons, by its header")
    blank = 0
    header: list[str] | None = None
    found = []
    for line, cells in rows:
        if not cells or (len(cells) == 1 and not cells[0].strip()):
            blank += 1
        elif header is None:
            header = cells
            _require_header(header, uri, line, tabs)
        elif cells == header:
            raise UserError(f"{uri}:{line}: repeats the header; remove the line (were files joined?)")
        elif len(cells) != len(header):
            quotes = "; quotation marks do not hold cells together in .tsv" if tabs else ""
            raise UserError(
                f"{uri}:{line}: has {len(cells)} cell{'s' * (len(cells) > 1)}, but the header names {len(header)} columns{quotes}; mend the line"
            )
        else:
            found.append((line, dict(zip(header, cells, strict=True))))
    if header is None or not found:
        raise UserError(f"{uri}: has a header and no rows; name a file with examples")
    if blank:
        remarks = (*remarks, f"{uri}: passed over {blank} blank line{'s' * (blank > 1)}")
    return Table(uri, tuple(header), found, remarks)


def _require_header(header: list[str], uri: str, line: int, tabs: bool) -> None:
    if len(set(header)) < len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise UserError(f"{uri}:{line}: names the column {twice[:40]!r} twice; rename one of them")
    if tabs and len(header) == 1 and "," in header[0]:
        raise UserError(f"{uri}:{line}: the header has commas and no tabs; name the file .csv, or separate by tabs")


def _unquoted(lines: list[str]) -> _Rows:
    for number, line in enumerate(lines, 1):
        yield number, line.split("\t")


def _quoted(lines: list[str], delimiter: str, uri: str) -> _Rows:
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, strict=True)
    while True:
        begun = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            remedy = "double the quotation marks in a cell, close it, or write the file as .jsonl"
            raise UserError(f"{uri}:{begun}: the row that begins here is not CSV ({error}); {remedy}") from None
        yield begun, cells
