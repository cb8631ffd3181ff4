"""Reads JSON: an object a line (.jsonl), or an array of objects (.json)."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from beam_jobs.errors import UserError
from trainer.examples.files.lines import Lines, read_lines
from trainer.examples.files.table import Table, kind_of


def read_json(uri: str) -> tuple[Any, Lines]:
    """The value that a whole file is, and its lines; the value is None if the file holds an object a line.

    Raises UserError for a file that is neither.
    """
    opened = read_lines(uri)
    try:
        return orjson.loads("\n".join(opened.lines)), opened
    except orjson.JSONDecodeError as error:
        first = next(line for line in opened.lines if line.strip())
        if _is_json(first):
            return None, opened
        raise UserError(f"{uri}:{error.lineno}: is not JSON ({error.msg}); mend the line") from None


def read_json_lines(uri: str) -> Table:
    """The rows of a file with an object a line; blank lines are passed over. Raises UserError for other lines."""
    return rows_of_lines(uri, read_lines(uri))


def rows_of_lines(uri: str, opened: Lines) -> Table:
    """As `read_json_lines`, of lines that are read already."""
    rows = []
    for number, line in enumerate(opened.lines, 1):
        if not line.strip():
            continue
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            array = opened.lines[0].strip() == "[" or (number == 1 and line.lstrip().startswith("["))
            remedy = "name the file .json if it is one array" if array else "mend the line"
            raise UserError(f"{uri}:{number}: is not JSON ({error.msg}); {remedy}") from None
        if not isinstance(value, dict):
            remedy = "name the file .json if it is one array" if isinstance(value, list) else "write one a line"
            raise UserError(f"{uri}:{number}: holds {kind_of(value)}, not an object; {remedy}")
        rows.append((number, value))
    return table_of(uri, rows, opened.remarks)


def read_json_rows(uri: str) -> Table:
    """The rows of a .json file: an array of objects, the same below "data", or an object a line.

    Rows of an array count from 1. Raises UserError for other content.
    """
    value, opened = read_json(uri)
    if value is None:
        return rows_of_lines(uri, opened)
    if isinstance(value, dict) and isinstance(value.get("data"), list):
        value = value["data"]
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        raise UserError(f"{uri}: holds {kind_of(value)}, not an array of objects; write one")
    for number, row in enumerate(value, 1):
        if not isinstance(row, dict):
            raise UserError(f"{uri}:{number}: the array holds {kind_of(row)} there, not an object; mend it")
    return table_of(uri, list(enumerate(value, 1)), opened.remarks)


def table_of(uri: str, rows: Sequence[tuple[int, Mapping[str, Any]]], remarks: tuple[str, ...]) -> Table:
    """A table whose columns are the keys of all rows. Raises UserError if there are no rows."""
    if not rows:
        raise UserError(f"{uri}: has no rows; name a file with examples")
    return Table(uri, tuple(dict.fromkeys(key for _, row in rows for key in row)), rows, remarks)


def _is_json(line: str) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True
