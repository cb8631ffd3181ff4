"""The fields of a request: what is read from its JSON, what is refused, and how OpenAPI describes them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

BAD_REQUEST, TOO_LARGE, WRONG_FIELD = 400, 413, 422


class RequestError(Exception):
    """A request that is not answered: the HTTP status, one line for its author, and the field that is wrong, if one is."""

    def __init__(self, status: int, message: str, field: str = "", retry_after: int = 0) -> None:
        super().__init__(message)
        self.status, self.message, self.field, self.retry_after = status, message, field, retry_after


@dataclass(frozen=True)
class Field:
    """One field. `read` takes its value and its name for messages, and raises `RequestError` for what it does not take."""

    name: str
    help: str
    schema: Mapping[str, Any]  # of OpenAPI
    read: Callable[[Any, str], Any]
    needed: bool = False
    default: Any = None


def wrong(field: str, problem: str) -> RequestError:
    """The refusal of a field."""
    return RequestError(WRONG_FIELD, f"{field} {problem}", field)


def read_fields(body: bytes, fields: Sequence[Field]) -> dict[str, Any]:
    """The values of all fields, defaults included, from the JSON object of a request.

    Raises RequestError for what is no such object, for a field that is wrong, missing or not known, and names it.
    """
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise RequestError(BAD_REQUEST, f"the request is no JSON ({where}); send an object in UTF-8") from None
    if not isinstance(content, dict):
        raise RequestError(BAD_REQUEST, f"the request is {kind(content)}; send an object of {_names(fields)}")
    known = {field.name: field for field in fields}
    for name in content:
        if name not in known:
            raise wrong(name[:60], f"is no field here; there are {_names(fields)}")
    values = {}
    for field in fields:
        value = content.get(field.name)
        if value is None and field.needed:
            raise wrong(field.name, f"is missing; {field.help}")
        values[field.name] = field.default if value is None else field.read(value, field.name)
    return values


def kind(value: Any) -> str:
    """What a value of JSON is, in words."""
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}
    return names.get(type(value), "null")


def a_text(value: Any, name: str) -> str:
    """A string. Raises RequestError for anything else."""
    if not isinstance(value, str):
        raise wrong(name, f"is {kind(value)}, not text; send a string")
    return value


def a_list(value: Any, name: str, read: Callable[[Any, str], Any]) -> tuple[Any, ...]:
    """A list of what `read` takes, or one alone."""
    if not isinstance(value, list):
        return (read(value, name),)
    return tuple(read(part, f"{name}[{number}]") for number, part in enumerate(value))


def texts_field(name: str, help: str) -> Field:
    """A text, or a list of them: a tuple of strings."""
    text = {"type": "string"}
    schema = {"oneOf": [text, {"type": "array", "items": text}]}
    return Field(name, help, schema, lambda value, name: a_list(value, name, a_text), needed=True)


def text_field(name: str, help: str) -> Field:
    """A text that may be left out."""
    return Field(name, help, {"type": "string"}, a_text)


def flag_field(name: str, help: str, default: bool | None = False) -> Field:
    """True or false."""

    def read(value: Any, name: str) -> bool:
        if not isinstance(value, bool):
            raise wrong(name, f"is {kind(value)}; send true or false")
        return value

    return Field(name, help, {"type": "boolean"}, read, default=default)


def number_field(name: str, help: str, default: int | None, low: int, high: int) -> Field:
    """A whole number from `low` to `high`."""

    def read(value: Any, name: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            said = value if isinstance(value, int | float) and not isinstance(value, bool) else kind(value)
            raise wrong(name, f"is {said}; send a whole number from {low} to {high}")
        return value

    return Field(name, help, {"type": "integer", "minimum": low, "maximum": high}, read, default=default)


def choice_field(name: str, help: str, choices: Sequence[str], default: str) -> Field:
    """One of some words, in any case."""

    def read(value: Any, name: str) -> str:
        if not isinstance(value, str) or value.lower() not in choices:
            said = f"{value!r:.40}" if isinstance(value, str) else kind(value)
            raise wrong(name, f"is {said}; send {' or '.join(choices)}")
        return value.lower()

    return Field(name, help, {"type": "string", "enum": list(choices)}, read, default=default)


def _names(fields: Sequence[Field]) -> str:
    return ", ".join(field.name for field in fields)
