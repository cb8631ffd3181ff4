"""Checks that every setting has the type of its field, since settings made by a program pass no parser."""

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from beam_jobs.errors import Problems

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_WANTED = {
    bool: "True or False",
    int: "a whole number",
    float: "a finite number",
    str: "text",
    tuple: "a tuple of texts",
}


def kind_problems(settings: "DataclassInstance") -> Problems:
    """The settings whose value is not of the type of their field's default.

    A whole number is accepted as a float, and a list as a tuple. A bool is not a number, and a path object is not text.
    """
    for f in dataclasses.fields(settings):
        value, kind = getattr(settings, f.name), type(f.default)
        if not _fits(value, kind):
            hint = f"; write {f.name}=({value!r},)" if kind is tuple and isinstance(value, str) else ""
            yield f.name, f"{value!r} is {_kind_of(value)}, it must be {_WANTED[kind]}{hint}"


def _fits(value: Any, kind: type) -> bool:
    if kind is tuple:
        return isinstance(value, tuple | list) and all(isinstance(path, str) for path in value)
    if kind is float:
        return isinstance(value, float | int) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _kind_of(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "none"
    if isinstance(value, tuple | list):
        wrong = next((path for path in value if not isinstance(path, str)), "")
        return f"a {type(value).__name__} that holds {wrong!r}" if value else f"an empty {type(value).__name__}"
    return f"of type {type(value).__name__}"
