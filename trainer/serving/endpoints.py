"""The endpoints that take texts: for each its fields, what of a model it needs, and how its requests become rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trainer.serving.embed_requests import (
    EMBED_FIELDS,
    ENCODE_FIELDS,
    OPENAI_FIELDS,
    inference_embed,
    openai_embeddings,
    service_encode,
)
from trainer.serving.fields import TOO_LARGE, Field, RequestError, read_fields
from trainer.serving.served_model import Prepared, ServedModel
from trainer.serving.settings import ANSWER, EMBED, FILL_MASK, PREDICT
from trainer.serving.task_requests import ANSWER_FIELDS, PREDICT_FIELDS, answer_questions, predict_texts
from trainer.serving.text_requests import FILL_FIELDS, TOKENIZE_FIELDS, fill_gaps, tokenize_texts

UNAVAILABLE = 409


@dataclass(frozen=True)
class Endpoint:
    """One address. `ability` is what the model must have, of ABILITIES; empty if every model will do."""

    path: str
    ability: str
    summary: str
    answer: str  # what comes back, in words
    example: Mapping[str, Any]
    fields: Sequence[Field]
    prepare: Callable[[ServedModel, Mapping[str, Any]], Prepared]

    def prepared(self, model: ServedModel, body: bytes, max_texts: int) -> Prepared:
        """The rows of a request. Raises RequestError for what is wrong with it."""
        values = read_fields(body, self.fields)
        for name, value in values.items():
            if isinstance(value, tuple) and len(value) > max_texts:
                raise RequestError(
                    TOO_LARGE, f"{name} has {len(value):,} entries; send at most {max_texts:,} at a time", name
                )
        return self.prepare(model, values)

    def unavailable(self, model: ServedModel) -> RequestError | None:
        """Why the model does not serve this; None if it does."""
        if self.ability not in model.missing:
            return None
        return RequestError(UNAVAILABLE, f"{self.path}: {model.name} {model.missing[self.ability]}")


ENDPOINTS = (
    Endpoint(
        "/v1/embeddings",
        EMBED,
        "Vectors of texts, in OpenAI's form",
        "data[].embedding is the vector of each text, as trainer embed writes it; usage counts pieces",
        {"input": ["Filmen er god.", "Jeg sov."], "model": "any", "encoding_format": "float"},
        OPENAI_FIELDS,
        openai_embeddings,
    ),
    Endpoint(
        "/embed",
        EMBED,
        "Vectors of texts, in the form of text-embeddings-inference",
        "a list with a vector for each text, of length 1 unless normalize is false",
        {"inputs": ["Filmen er god.", "Jeg sov."], "normalize": False},
        EMBED_FIELDS,
        inference_embed,
    ),
    Endpoint(
        "/encode",
        EMBED,
        "Vectors of texts, in the form of bert-as-service",
        "result is a list with a vector for each text, as trainer embed writes it; id is that of the request",
        {"id": 1, "texts": ["Filmen er god.", "Jeg sov."], "is_tokenized": False},
        ENCODE_FIELDS,
        service_encode,
    ),
    Endpoint(
        "/predict",
        PREDICT,
        "Labels, numbers or tags from a fine-tuned model",
        "predictions has for each text what trainer predict writes: label and probabilities, labels, value, or tags and entities",
        {"inputs": ["Filmen er god."]},
        PREDICT_FIELDS,
        predict_texts,
    ),
    Endpoint(
        "/answer",
        ANSWER,
        "The answer to a question, as a part of a text",
        "answers has for each question its answer, with its characters [start, end) of the context; empty if there is none",
        {"question": "Hvor bor Kari?", "context": "Kari bor i Oslo."},
        ANSWER_FIELDS,
        answer_questions,
    ),
    Endpoint(
        "/fill_mask",
        FILL_MASK,
        "Pieces for the gaps of a text",
        "fillings has for each text, and for each [MASK] in it, the most probable pieces, the best first",
        {"inputs": "Filmen er [MASK] god.", "top": 5},
        FILL_FIELDS,
        fill_gaps,
    ),
    Endpoint(
        "/tokenize",
        "",
        "The pieces of texts",
        "a list with the pieces of each text: id, text, special, and its characters [start, stop) of the text",
        {"inputs": "Filmen er god."},
        TOKENIZE_FIELDS,
        tokenize_texts,
    ),
)


def model_info(model: ServedModel, limits: Mapping[str, int]) -> dict[str, Any]:
    """What `GET /info` says."""
    embedder, task = model.embedder, model.task
    settings = embedder.settings
    info: dict[str, Any] = {
        "model": model.name,
        "endpoints": [each.path for each in ENDPOINTS if each.unavailable(model) is None],
        "unavailable": {each.path: found.message for each in ENDPOINTS if (found := each.unavailable(model))},
        "embeddings": {
            "width": embedder.width,
            "pooling": settings.pooling,
            "layers": settings.layers,
            "normalized": bool(settings.normalize),
            "max_seq_length": settings.max_seq_length,
        },
        "limits": dict(limits),
    }
    if task is not None:
        info["task"] = {
            "name": task.settings.task,
            "labels": list(task.labels.names),
            "max_seq_length": task.settings.max_seq_length,
        }
    if model.mask is not None:
        info["mask"] = model.mask.mask
    return info
