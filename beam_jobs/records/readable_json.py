"""JSON for people: what fits on a line stands on one, and long lists of numbers fill lines."""

import json
from typing import Any

_WIDTH = 120
_INDENT = 4


def readable_json(value: Any) -> str:
    """The text of `value`. The outermost object or list has a line for each member, those within only if they are long.

    Raises TypeError if `value` holds something that JSON does not know.
    """
    return _text(value, 0, "", outermost=True)


def _text(value: Any, depth: int, key: str, outermost: bool = False) -> str:
    """The text of a value that stands behind `key` at this depth, without the key."""
    line = json.dumps(value, ensure_ascii=False)
    fits = len(line) + len(key) + depth * _INDENT < _WIDTH
    if not value or not isinstance(value, dict | list | tuple) or (fits and not outermost):
        return line
    if isinstance(value, dict):
        parts = [f"{json.dumps(name, ensure_ascii=False)}: " for name in value]
        lines = [part + _text(inner, depth + 1, part) for part, inner in zip(parts, value.values(), strict=True)]
        return _block("{", lines, depth, "}")
    if any(isinstance(inner, dict | list | tuple) for inner in value):
        return _block("[", [_text(inner, depth + 1, "") for inner in value], depth, "]")
    return _block("[", _filled([json.dumps(inner, ensure_ascii=False) for inner in value], depth + 1), depth, "]")


def _block(begin: str, lines: list[str], depth: int, end: str) -> str:
    inner, outer = " " * (_INDENT * (depth + 1)), " " * (_INDENT * depth)
    return f"{begin}\n" + ",\n".join(inner + line for line in lines) + f"\n{outer}{end}"


def _filled(values: list[str], depth: int) -> list[str]:
    """The values as lines that are as long as fits, without the comma at the end of each."""
    lines: list[str] = []
    for value in values:
        if lines and len(lines[-1]) + len(value) + 3 + depth * _INDENT < _WIDTH:
            lines[-1] += f", {value}"
        else:
            lines.append(value)
    return lines
