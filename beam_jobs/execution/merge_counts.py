"""Adds up the counts that workers return. Their order does not matter."""

from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Any


def merge_counts(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The sum of rows of counts: numbers are added, lists element by element, dictionaries by key.

    A key that a row lacks counts as 0, and so do the missing last elements of a shorter list. The keys are sorted, so
    that the result does not depend on the order of the rows. Raises TypeError, naming the key, if two rows have other
    types for it.
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
