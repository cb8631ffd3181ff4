"""The OpenAPI document of a served model."""

from collections.abc import Mapping
from typing import Any

from trainer.serving.endpoints import ENDPOINTS, Endpoint
from trainer.serving.served_model import ServedModel

_ERRORS = {
    "400": "the request is no JSON object",
    "401": "the API key is missing or wrong",
    "409": "this model does not serve the endpoint",
    "413": "too many texts, or too many bytes",
    "422": "a field is wrong, missing or not known, or a text is too long: error.param names it",
    "429": "the queue is full: try again after Retry-After seconds",
    "500": "the model failed",
    "503": "the model is not ready yet",
}
_PLAIN = (
    ("/info", "What the model is and what it serves", "application/json"),
    ("/health", "200 if requests are answered, 503 before that and while the server ends", "application/json"),
    ("/metrics", "Counters in the text format of Prometheus", "text/plain"),
)


def openapi_document(model: ServedModel, *, keyed: bool) -> dict[str, Any]:
    """OpenAPI 3.1; `keyed` tells whether an API key is asked. Only endpoints that the model serves are in it."""
    paths: dict[str, Any] = {
        each.path: {"post": _operation(each, keyed)} for each in ENDPOINTS if each.unavailable(model) is None
    }
    for path, summary, media in _PLAIN:
        answer = {"200": {"description": summary, "content": {media: {"schema": {}}}}}
        paths[path] = {"get": {"summary": summary, "responses": answer, **_security(keyed and path != "/health")}}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": f"beambert: {model.name}", "version": "1"},
        "paths": paths,
    }
    if keyed:
        document["components"] = {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}
    return document


def _operation(endpoint: Endpoint, keyed: bool) -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": [field.name for field in endpoint.fields if field.needed],
        "additionalProperties": False,
        "properties": {
            field.name: {
                **field.schema,
                "description": field.help,
                **({} if field.default is None else {"default": field.default}),
            }
            for field in endpoint.fields
        },
    }
    if not schema["required"]:
        del schema["required"]
    errors = {status: {"description": text} for status, text in _ERRORS.items() if status != "401" or keyed}
    return {
        "summary": endpoint.summary,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema, "example": dict(endpoint.example)}},
        },
        "responses": {
            "200": {"description": endpoint.answer, "content": {"application/json": {"schema": {}}}},
            **errors,
        },
        **_security(keyed),
    }


def _security(keyed: bool) -> Mapping[str, Any]:
    return {"security": [{"key": []}]} if keyed else {}
