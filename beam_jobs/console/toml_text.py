"""Reads TOML that people write, plans and configuration files: what is wrong is told with its line. Writes values too."""

import json
import re
import sys
import tomllib
from typing import Any

from beam_jobs.errors import UserError

KeyPath = tuple[str | int, ...]
"""The names of the tables around a key, and its own. Tables of a list count from 0."""

_WANTED = {int: "a whole number", float: "a number", bool: "true or false", str: "a string in quotes"}


def parse_toml(text: str, source: str, what: str) -> dict[str, Any]:
    """The content of a TOML text.

    Args:
        text: with line feeds at the ends of its lines.
        source: its file, for messages.
        what: it should be, such as "a plan".

    Raises:
        UserError: it is not TOML, in the form `source:line: problem`.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise UserError(f"{source}:1: not {what}: its tables or lists are nested too deep") from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column \d+\)", str(error))
        line = found.group(1) if found else str(text.count("\n") + 1)
        problem = re.sub(r" \(at .*\)$", "", str(error))
        raise UserError(f"{source}:{line}: not TOML: {problem}") from None


def unified_lines(data: bytes) -> str:
    """The text of a file, each line ending in a line feed. Raises UnicodeDecodeError."""
    return data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def as_kind(kind: type, value: Any, key: str) -> Any:
    """A value of TOML as an int, float, bool or str. Raises ValueError, which says what `key` must be, if it is no such."""
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        if not abs(value) <= sys.float_info.max:  # TOML allows nan, inf, and whole numbers of any length
            raise ValueError(f"{key} = {value!r} must be a finite number")
        return float(value)
    if kind is int and type(value) is int and abs(value) >= 2**63:  # TOML requires at least 64 bits
        raise ValueError(f"{key} = {value!r:.40}... is too large")
    if kind is str and isinstance(value, str) and "\0" in value:
        raise ValueError(f"{key} = {value!r} holds a null character; remove it")
    if type(value) is not kind:
        raise ValueError(f"{key} = {value!r} must be {_WANTED[kind]}")
    return value


def toml_value(value: Any) -> str:
    """A value as TOML: a string, number, boolean, list or dictionary of such.

    Raises ValueError for text that TOML cannot hold, which is a path with bytes that are not UTF-8.
    """
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml_value(item)}" for key, item in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    text = json.dumps(value, ensure_ascii=False)  # TOML writes strings, numbers and booleans as JSON does
    text.encode("utf-8")
    return text.replace("\x7f", "\\u007f")


_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*")(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"))*)\s*=""")
_INLINE_KEY = re.compile(r"""(?:\{|,)\s*([A-Za-z0-9_-]+)\s*=""")


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line of each key of a TOML text (1-based), by its path."""
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    counts: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _TABLE.match(line):
            names = _parts(header.group(2))
            if header.group(1) == "[[" and len(names) == 1:
                lines.setdefault((names[0],), number)
                counts[names[0]] = counts.get(names[0], -1) + 1
            table = (names[0], counts[names[0]], *names[1:]) if names[0] in counts else tuple(names)
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            path = (*table, *_parts(key.group(1)))
            lines.setdefault(path, number)
            for inner in _INLINE_KEY.finditer(line[key.end() :]):
                lines.setdefault((*path, inner.group(1)), number)
    return lines


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip('"') for part in dotted.split(".")]
