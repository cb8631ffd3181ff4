"""Reads predictions: the JSON lines of `finetune` and `predict`, or SQuAD's predictions.json with null_odds.json."""

from collections.abc import Iterator
from typing import Any

import orjson

from beam_jobs.errors import UserError
from beam_jobs.storage.decompress import DamagedFileError, compression_ending, open_decompressed
from beam_jobs.storage.whole_files import open_stream
from trainer.scores.prediction_rows import null_odds
from trainer.scores.predictions import Kind, Predictions

_KINDS: dict[str, Kind] = {
    "label": "classification",
    "labels": "multi_label",
    "value": "regression",
    "tags": "tagging",
    "answer": "answering",
}
"""The key of a row that says what was predicted."""


def read_predictions(uri: str, null_odds_uri: str = "") -> Predictions:
    """The predictions in a file, with the gold where its rows carry it.

    `null_odds_uri` is the null_odds.json that belongs to a predictions.json. Raises UserError, which names file and line, for what
    is no file of predictions, for two rows with one id, and for rows of several kinds.
    """
    data = _read(uri)
    texts = _squad_texts(data)
    if texts is not None:
        return _squad_predictions(uri, texts, null_odds_uri)
    if null_odds_uri:
        raise UserError(
            f"{null_odds_uri}: null odds belong to a predictions.json of SQuAD, but {uri} has them in its rows"
        )
    return predictions_in_lines(data, uri)


def predictions_in_lines(data: bytes, uri: str) -> Predictions:
    """The predictions of JSON lines, as `predict` writes them; `uri` is where they are from, for messages.

    Raises UserError as `read_predictions` does.
    """
    rows = list(_rows(uri, data))
    if not rows:
        raise UserError(f"{uri}: has no predictions; it must have one JSON object a line")
    key = _key(uri, *rows[0])
    seen: dict[str, int] = {}
    values = []
    for line, row in rows:
        if _key(uri, line, row) != key:
            raise UserError(
                f'{uri}:{line}: has no "{key}" as the first row has; predictions of one file are of one task'
            )
        id = _id(uri, line, row)
        if id in seen:
            raise UserError(f"{uri}:{line}: id {id} is that of line {seen[id]} too; every example has one prediction")
        seen[id] = line
        if ("gold" in row) != ("gold" in rows[0][1]):
            raise UserError(f"{uri}:{line}: some rows have a gold and some have none; give all of them one, or none")
        values.append(_value(uri, line, key, row[key]))
    gold = tuple(_gold(uri, line, key, row["gold"]) for line, row in rows) if "gold" in rows[0][1] else None
    found = Predictions(_KINDS[key], tuple(seen), tuple(values), gold, _labels(key, rows[0][1], values, gold))
    return _with_odds(found, uri, rows) if key == "answer" else found


def _read(uri: str) -> bytes:
    """The bytes of a file, decompressed if its name says so."""
    try:
        with open_stream(uri) as raw:
            return (open_decompressed(raw, uri) if compression_ending(uri) else raw).read()
    except DamagedFileError as error:
        raise UserError(f"{uri}: is damaged ({error}); make it again") from error
    except FileNotFoundError:
        raise UserError(f"{uri}: is not there; name a file of predictions") from None
    except OSError as error:
        raise UserError(f"{uri}: cannot be read ({error.strerror or error}); name a file of predictions") from error


def _rows(uri: str, data: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, text in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not text.strip():
            continue
        try:
            row = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise UserError(f"{uri}:{line}: is no JSON ({error}); predictions have one object a line") from None
        if not isinstance(row, dict):
            raise UserError(f"{uri}:{line}: is no JSON object; predictions have one object a line")
        yield line, row


def _key(uri: str, line: int, row: dict[str, Any]) -> str:
    for key in _KINDS:
        if key in row:
            return key
    raise UserError(f"{uri}:{line}: is no prediction: it has none of {', '.join(_KINDS)}; see docs/finetuning.md")


def _id(uri: str, line: int, row: dict[str, Any]) -> str:
    if not isinstance(row.get("id"), str | int):
        raise UserError(f'{uri}:{line}: has no "id"; each row needs the id of its example')
    return str(row["id"])


def _value(uri: str, line: int, key: str, value: Any, name: str = "") -> Any:
    """A checked value, as `Predictions` has it; `name` is what the row calls it, if not by its key."""
    if key in ("labels", "tags") and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if key in ("label", "answer") and isinstance(value, str):
        return value
    if key == "value" and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    kind = {"label": "a string", "answer": "a string", "value": "a number"}.get(key, "a list of strings")
    raise UserError(f'{uri}:{line}: the "{name or key}" must be {kind}, but is {orjson.dumps(value).decode()[:40]}')


def _gold(uri: str, line: int, key: str, value: Any) -> Any:
    return _value(uri, line, "labels" if key == "answer" else key, value, "gold")


def _labels(key: str, first: dict[str, Any], values: list[Any], gold: tuple[Any, ...] | None) -> tuple[str, ...]:
    """The labels in the order of the model, or sorted where the rows have no probabilities."""
    if key not in ("label", "labels"):
        return ()
    names = [[name] if key == "label" else name for name in (*values, *(gold or ()))]
    there = {label for row in names for label in row}
    given = first.get("probabilities")
    return tuple(dict.fromkeys([*(given if isinstance(given, dict) else ()), *sorted(there)]))


def _with_odds(found: Predictions, uri: str, rows: list[tuple[int, dict[str, Any]]]) -> Predictions:
    if not all("n_best" in row and "null_score" in row for _, row in rows):
        return found
    try:
        odds = tuple(float(null_odds(row)) for _, row in rows)
        spans = tuple(str(row["n_best"][0]["text"]) if row["n_best"] else "" for _, row in rows)
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise UserError(f'{uri}: an "n_best" is not a list of spans with text and score ({error!r})') from error
    return Predictions(found.kind, found.ids, found.predicted, found.gold, null_odds=odds, best_spans=spans)


def _squad_texts(data: bytes) -> dict[str, str] | None:
    """The texts by id of SQuAD's predictions.json; None for other data."""
    try:
        texts = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    if not texts or not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        return None
    return None if "id" in texts and set(texts) & set(_KINDS) else texts


def _squad_predictions(uri: str, texts: dict[str, str], null_odds_uri: str) -> Predictions:
    ids = tuple(texts)
    if not null_odds_uri:
        return Predictions("answering", ids, tuple(texts.values()))
    try:
        odds = orjson.loads(_read(null_odds_uri))
        numbers = tuple(float(odds[id]) for id in ids)
    except KeyError as error:
        raise UserError(
            f"{null_odds_uri}: has no odds of {error.args[0]}, which {uri} has; name the two of one model"
        ) from None
    except (orjson.JSONDecodeError, TypeError, ValueError):
        raise UserError(
            f"{null_odds_uri}: is not a JSON object of numbers by id, as SQuAD's null_odds.json is"
        ) from None
    return Predictions("answering", ids, tuple(texts.values()), null_odds=numbers)
