"""Requests for vectors, in the forms of OpenAI, text-embeddings-inference and bert-as-service."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from trainer.embeddings.rows import EmbedRow
from trainer.serving.fields import Field, a_list, a_text, choice_field, flag_field, number_field, texts_field, wrong
from trainer.serving.row_queue import Outputs, Row
from trainer.serving.served_model import Prepared, ServedModel
from trainer.serving.settings import EMBED

_FLOAT, _BASE64 = "float", "base64"
_WIDTH = 2**20

TRUNCATE = flag_field("truncate", "cut the end of a text that is too long, and say so; without it, it is refused")

OPENAI_FIELDS = (
    texts_field("input", "a text, or a list of texts"),
    Field("model", "any name: there is one model", {"type": "string"}, a_text),
    choice_field("encoding_format", "numbers, or base64 of little-endian float32", (_FLOAT, _BASE64), _FLOAT),
    number_field("dimensions", "the width of the model's vectors; others are refused", None, 1, _WIDTH),
    Field("user", "not used", {"type": "string"}, a_text),
    TRUNCATE,
)
EMBED_FIELDS = (
    texts_field("inputs", "a text, or a list of texts"),
    flag_field("normalize", "vectors of length 1", default=True),
    choice_field("truncation_direction", "only ends are cut", ("right",), "right"),
    number_field("dimensions", "the width of the model's vectors; others are refused", None, 1, _WIDTH),
    TRUNCATE,
)


def _text_or_pieces(value: Any, name: str) -> str | tuple[str, ...]:
    return a_list(value, name, a_text) if isinstance(value, list) else a_text(value, name)


def _list_of_texts(value: Any, name: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise wrong(name, "is no list; send a list of texts")
    return a_list(value, name, _text_or_pieces)


ENCODE_FIELDS = (
    Field("id", "comes back in the answer", {}, lambda value, name: value),
    Field(
        "texts",
        "a list of texts; with is_tokenized, a list of lists of pieces",
        {"type": "array", "items": {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}},
        _list_of_texts,
        needed=True,
    ),
    flag_field("is_tokenized", "each text is a list of pieces of the vocabulary"),
    TRUNCATE,
)


def openai_embeddings(model: ServedModel, values: Mapping[str, Any]) -> Prepared:
    """`POST /v1/embeddings`."""
    _require_width(model, values["dimensions"])
    found = model.embedder.rows(values["input"])
    truncated = _truncated(found, "input", values["truncate"], model)
    packed = values["encoding_format"] == _BASE64
    pieces = sum(len(row.ids) for row in found)

    def finish(vectors: Sequence[np.ndarray]) -> dict[str, Any]:
        data = [
            {"object": "embedding", "index": number, "embedding": _base64(vector) if packed else vector}
            for number, vector in enumerate(vectors)
        ]
        usage = {"prompt_tokens": pieces, "total_tokens": pieces}
        told = {"truncated": truncated} if truncated else {}
        return {"object": "list", "data": data, "model": model.name, "usage": usage, **told}

    return Prepared(_rows(model, found), finish, truncated)


def inference_embed(model: ServedModel, values: Mapping[str, Any]) -> Prepared:
    """`POST /embed`."""
    _require_width(model, values["dimensions"])
    found = model.embedder.rows(values["inputs"])
    truncated = _truncated(found, "inputs", values["truncate"], model)
    return Prepared(_rows(model, found, values["normalize"]), list, truncated)


def service_encode(model: ServedModel, values: Mapping[str, Any]) -> Prepared:
    """`POST /encode`."""
    texts, tokenized = values["texts"], values["is_tokenized"]
    for number, text in enumerate(texts):
        if isinstance(text, str) == tokenized:
            said = "is text, not a list of pieces" if tokenized else "is a list; is_tokenized says that it is text"
            raise wrong(f"texts[{number}]", f"{said}; send is_tokenized with lists of pieces, and texts without it")
    found = [_of_pieces(model, text) for text in texts] if tokenized else model.embedder.rows(texts)
    truncated = _truncated(found, "texts", values["truncate"], model)
    told = {"truncated": truncated} if truncated else {}
    return Prepared(
        _rows(model, found), lambda vectors: {"id": values["id"], "result": list(vectors), **told}, truncated
    )


def _of_pieces(model: ServedModel, names: tuple[str, ...]) -> EmbedRow:
    pieces, room = model.embedder.pieces, model.embedder.settings.max_seq_length - 2
    ids, _ = pieces.row(pieces.ids_of(names[:room]))
    return EmbedRow(ids, max(0, len(names) - room))


def _rows(model: ServedModel, rows: Sequence[EmbedRow], normalize: bool | None = None) -> list[Row]:
    return [_row(model, row, normalize) for row in rows]


def _row(model: ServedModel, row: EmbedRow, normalize: bool | None) -> Row:
    def reduce(outputs: Outputs) -> np.ndarray:
        return model.embedder.finished(row, outputs["vectors"], normalize).vectors[0]

    return Row(EMBED, {"input_ids": row.ids, "segment_ids": np.zeros_like(row.ids)}, reduce)


def _truncated(rows: Sequence[EmbedRow], field: str, allowed: bool, model: ServedModel) -> tuple[int, ...]:
    """The numbers of the texts that are cut. Raises RequestError for the first of them if that is not allowed."""
    found = tuple(number for number, row in enumerate(rows) if row.cut)
    if found and not allowed:
        row = rows[found[0]]
        raise too_long(f"{field}[{found[0]}]", len(row.ids) + row.cut, model.embedder.settings.max_seq_length)
    return found


def too_long(name: str, pieces: int, longest: int) -> Exception:
    """The refusal of a text that would have to be cut."""
    problem = f"is {pieces:,} pieces long, and {longest:,} are read"
    return wrong(name, f'{problem}; shorten it, or send "truncate": true to leave out its end')


def _require_width(model: ServedModel, asked: int | None) -> None:
    if asked not in (None, model.embedder.width):
        raise wrong(
            "dimensions", f"is {asked}, but this model's vectors have {model.embedder.width} numbers; leave it out"
        )


def _base64(vector: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(vector, "<f4").tobytes()).decode("ascii")
