"""The rows of ranges on their way to the steps that need all of them, packed: decoded, 22,000 rows take 220 MB.

Beam decodes a row into dictionaries whose keys are strings of their own, in every step that receives the rows.
"""

from collections.abc import Iterable, Iterator

import orjson

from beam_jobs.execution.run_once import ItemRow

_OF_THE_ITEM = ("wrote", "made_from", "progress")
"""Entries that only `run_once` and the progress display read, from the file of the row."""


def pack_row(row: ItemRow | None) -> bytes | None:
    """The row as JSON, without the entries that concern its own item only. None, of a failed item, stays None."""
    if row is None:
        return None
    return orjson.dumps({key: value for key, value in row.items() if key not in _OF_THE_ITEM})


class RowsInOrder:
    """Rows in the order of the input plan, whatever order they came in. Packed ones are decoded one at a time."""

    def __init__(self, rows: Iterable[bytes | ItemRow]) -> None:
        """`rows` may be packed or not; both may be iterated over any number of times."""
        self._rows = sorted(rows, key=lambda row: _decoded(row)["index"])

    def __iter__(self) -> Iterator[ItemRow]:
        """Each row as a dictionary."""
        return map(_decoded, self._rows)


def _decoded(row: bytes | ItemRow) -> ItemRow:
    return orjson.loads(row) if isinstance(row, bytes) else row
