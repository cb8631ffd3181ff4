"""Counts that workers send up, added to one; they may come in any order."""

from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Any


def merge_counts(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The sum of rows of counts: numbers are added, lists element by element, dictionaries by key.

    A key or a list's end that a row lacks counts as nothing. Keys come out sorted, so that the order of the rows does
    not show. Raises TypeError naming the key when two rows disagree about what it is.
    """
    total: dict[str, Any] = {}
    for row in rows:
        _add(total, row, "")
    return _sorted(total)


def _add(total: dict[str, Any], row: Mapping[str, Any], path: str) -> None:
    for key, value in row.items():
        if isinstance(value, Mapping):
            _check(total.setdefault(key, {}), value, dict, f"{path}{key}")
            _add(total[key], value, f"{path}{key}.")
        elif isinstance(value, list | tuple):
            _check(total.setdefault(key, []), value, list, f"{path}{key}")
            total[key] = [a + b for a, b in zip_longest(total[key], value, fillvalue=0)]
        else:
            _check(total.setdefault(key, 0), value, int | float, f"{path}{key}")
            total[key] += value


def _check(present: Any, value: Any, kind: Any, path: str) -> None:
    if not isinstance(present, kind) or (not isinstance(value, Mapping | list | tuple | int | float)):
        raise TypeError(f"count {path!r} cannot add {type(value).__name__} to {type(present).__name__}")


def _sorted(counts: Any) -> Any:
    return {key: _sorted(counts[key]) for key in sorted(counts)} if isinstance(counts, dict) else counts
