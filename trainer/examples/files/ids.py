"""The ids of examples: given by the file, as text or numbers, or counted."""

from collections.abc import Sequence
from typing import Any, TypeVar

from beam_jobs.errors import UserError
from trainer.examples.example import Examples, Place, Purpose, QuestionExample, TextExample, WordsExample
from trainer.examples.files.column_settings import NUMBERED, ColumnSettings
from trainer.examples.files.table import Table, kind_of

_KNOWN = ("id", "idx")
_Example = TypeVar("_Example", TextExample, WordsExample, QuestionExample)


def id_text(value: Any, place: Place) -> str:
    """An id as text. A whole number is written without a fraction. Raises UserError for what is no id."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        what = "empty" if value == "" else kind_of(value)
        raise UserError(f"{place}: its id is {what}; give every example a text or a whole number")
    return str(value)


def row_ids(table: Table, columns: ColumnSettings) -> list[str]:
    """The ids of all rows; their numbers from 1 if the table has no column for them.

    Raises UserError for a row without an id, if others have one.
    """
    column = None
    if columns.id_column != NUMBERED:
        column = table.column(columns.id_column, _KNOWN, "id_column")
    if column is None:
        return [str(number) for number in range(1, len(table.rows) + 1)]
    return [id_text(values.get(column), table.place(row)) for row, values in table.rows]


def with_distinct_ids(examples: Sequence[_Example], purpose: Purpose, remarks: Sequence[str]) -> Examples[_Example]:
    """The examples of a file with remarks about it.

    Raises UserError for the first id that stands twice, unless the examples are to train on; then a remark counts them.
    """
    seen: dict[str, Place] = {}
    repeated = 0
    for example in examples:
        if example.id in seen and purpose != "train":
            raise UserError(
                f"{example.place}: the id {example.id!r} stands in row {seen[example.id].row} too; give every example its own, "
                f"or number them by --id_column={NUMBERED}"
            )
        repeated += example.id in seen
        seen.setdefault(example.id, example.place)
    if repeated:
        file = examples[0].place.file
        remarks = (*remarks, f"{file}: {repeated} of {len(examples)} examples have an id that stands before them")
    return Examples(tuple(examples), tuple(remarks))
