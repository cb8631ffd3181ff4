"""The ids of examples: given by the file, as text or numbers, or counted."""

from collections.abc import Iterable, Mapping
from typing import Any

from beam_jobs.errors import UserError
from trainer.examples.example import Place
from trainer.examples.files.column_settings import NUMBERED, ColumnSettings
from trainer.examples.files.table import Table, kind_of

_KNOWN = ("id", "idx")


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

    Raises UserError for a row without an id, and for an id that stands twice.
    """
    if columns.id_column == NUMBERED:
        return [str(number) for number in range(1, len(table.rows) + 1)]
    column = table.column(columns.id_column, _KNOWN, "id_column")
    if column is None:
        return [str(number) for number in range(1, len(table.rows) + 1)]

    def of(row: int, values: Mapping[str, Any]) -> str:
        return id_text(values.get(column), table.place(row))

    ids = [of(row, values) for row, values in table.rows]
    require_distinct((name, table.place(row)) for name, (row, _) in zip(ids, table.rows, strict=True))
    return ids


def require_distinct(ids: Iterable[tuple[str, Place]]) -> None:
    """Raise UserError for the first id that stands twice."""
    seen: dict[str, Place] = {}
    for name, place in ids:
        if name in seen:
            raise UserError(
                f"{place}: the id {name!r} stands in row {seen[name].row} too; give every example its own, or number them "
                f"by --id_column={NUMBERED}"
            )
        seen[name] = place
