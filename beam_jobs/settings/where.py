"""The setting `--where`: conditions on the fields of records, such as `ocr_confidence>=0.9 and genre=='book'`."""

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from beam_jobs.errors import Problems, UserError
from beam_jobs.settings.field import setting

PARAGRAPHS = "paragraphs"
"""Conditions on `paragraphs.NAME` are on the field NAME of each of the objects in a record's list of paragraphs."""

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_SPACE, _NAME, _OPERATOR = re.compile(r"\s*"), re.compile(r"[^\W\d][\w.\-]*"), re.compile(r">=|<=|==|!=|>|<")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])")
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_AND = re.compile(r"and(?=\s)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Condition:
    """A field, how it is compared, and with what."""

    field: str
    of_paragraphs: bool  # of the objects in a record's list of paragraphs
    sign: str
    value: float | str

    def __str__(self) -> str:
        """The condition as the statistics name it, however it was written."""
        name = f"{PARAGRAPHS}.{self.field}" if self.of_paragraphs else self.field
        value = f"{self.value:.15g}" if isinstance(self.value, float) else repr(self.value)
        return f"{name}{self.sign}{value}"

    def value_in(self, record: Mapping[str, Any]) -> Any:
        """The value of the field in a record; None if it has none. Dots lead into objects, unless a field has such a name."""
        if self.field in record:
            return record[self.field]
        value: Any = record
        for name in self.field.split("."):
            if not isinstance(value, Mapping):
                return None
            value = value.get(name)
        return value

    def holds(self, value: Any) -> bool | None:
        """Whether the condition holds for a value; None if there is none, or it cannot be compared."""
        compare = _COMPARE[self.sign]
        if isinstance(self.value, str):
            if isinstance(value, bool):
                value = str(value).lower()
            return None if value is None or isinstance(value, bytes | list | dict) else compare(str(value), self.value)
        if isinstance(value, str):  # as in a table of text
            value = float(value) if _NUMBER.fullmatch(value.strip()) else None
        if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
            return None
        return compare(value, self.value)


def where_setting() -> Any:
    """The setting for the conditions."""
    help = (
        'keep only documents whose fields fulfil a condition, such as "ocr_confidence>=0.9" or "year<1900 and genre==\'book\'"; '
        "several are joined by and. paragraphs.NAME is a field of each object in a record's list of paragraphs, and leaves paragraphs out. What "
        "has no such field is kept, and counted"
    )
    return setting((), help, metavar="TEXT", in_hash_at_default=False)


def where_problems(where: tuple[str, ...]) -> Problems:
    """An expression that cannot be read; the message names the place."""
    try:
        conditions(tuple(where))
    except UserError as error:
        yield "where", str(error)


@lru_cache(maxsize=16)
def conditions(where: tuple[str, ...]) -> tuple[Condition, ...]:
    """The conditions of all expressions. Raises UserError, naming the place, for one that cannot be read."""
    return tuple(condition for text in where for condition in _parse(text))


def document_conditions(where: tuple[str, ...] | list[str]) -> tuple[Condition, ...]:
    """The conditions on documents."""
    return tuple(one for one in conditions(tuple(where)) if not one.of_paragraphs)


def paragraph_conditions(where: tuple[str, ...] | list[str]) -> tuple[Condition, ...]:
    """The conditions on paragraphs."""
    return tuple(one for one in conditions(tuple(where)) if one.of_paragraphs)


def fields_of(where: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """The names of the fields of a record that must be read for the conditions on documents."""
    return tuple(dict.fromkeys(one.field for one in document_conditions(where)))


def _parse(text: str) -> list[Condition]:
    found = []
    at = 0

    def take(pattern: re.Pattern[str], wanted: str) -> re.Match[str]:
        nonlocal at
        at = _after_space(text, at)
        match = pattern.match(text, at)
        if match is None:
            rest = repr(text[at : at + 20]) if at < len(text) else "the end"
            raise UserError(f"{text!r}: {wanted} must stand at character {at + 1}, where {rest} stands")
        at = match.end()
        return match

    while True:
        name = take(_NAME, "the name of a field")[0]
        sign = take(_OPERATOR, "one of >= <= > < == !=")[0]
        value = take(re.compile(f"{_NUMBER.pattern}|{_QUOTED.pattern}"), "a number, or a text in quotation marks,")
        quoted = value[1] if value[1] is not None else value[2]
        of_paragraphs = name.startswith(f"{PARAGRAPHS}.")
        field = name.removeprefix(f"{PARAGRAPHS}.") if of_paragraphs else name
        found.append(Condition(field, of_paragraphs, sign, float(value[0]) if quoted is None else quoted))
        if _after_space(text, at) == len(text):
            return found
        take(_AND, "and, or the end,")


def _after_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    assert space is not None
    return space.end()
