"""A file of rows with named columns, whatever its format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from beam_jobs.errors import UserError
from trainer.examples.example import Place
from trainer.examples.files.lines import ending_of


@dataclass(frozen=True)
class Table:
    """The rows of a file. A row is its line, or its number from 1, and its values by column.

    The values are those of JSON: a string, number, bool, None, list, or a mapping by name. `class_names` is for columns
    of numbers that stand for names, as Hugging Face `datasets` writes them: the names by number.
    """

    file: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[int, Mapping[str, Any]]]
    remarks: tuple[str, ...] = ()
    class_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def place(self, row: int) -> Place:
        """Where a row stands, for messages."""
        return Place(self.file, row)

    def column(self, given: str, known: Sequence[str], option: str) -> str | None:
        """The name of a column: `given`, or the first of `known` that the file has; None if it has none of them.

        Raises UserError, naming `option`, if there is no column `given`.
        """
        if given and given not in self.columns:
            raise self.missing(given, option)
        return given or next((name for name in known if name in self.columns), None)

    def needed(self, given: str, known: Sequence[str], option: str) -> str:
        """As `column`, but raises UserError if there is none."""
        found = self.column(given, known, option)
        if found is None:
            raise self.missing(" or ".join(known), option)
        return found

    def missing(self, name: str, option: str) -> UserError:
        """The error for a column that is not there."""
        columns = ", ".join(repr(column[:40]) for column in self.columns[:12])
        first = "; the first line must name the columns" if ending_of(self.file) in (".tsv", ".csv") else ""
        return UserError(f"{self.file}: has no column {name}; name one of {columns} by --{option}{first}")

    def text(self, row: int, values: Mapping[str, Any], column: str) -> str:
        """The text in a column of a row. Raises UserError if the row has none."""
        if column not in values:
            raise UserError(f"{self.place(row)}: has no {column}, which other rows have; add it")
        value = values[column]
        if not isinstance(value, str):
            raise UserError(f"{self.place(row)}: {column} is {kind_of(value)}, not text; write it as a string")
        return value


def kind_of(value: Any) -> str:
    """What a value is, in words, for messages."""
    if value is None:
        return "null"
    kinds = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return kinds.get(type(value), f"of the type {type(value).__name__}")
