"""The web application of a served model. Only this module knows starlette, and only `http_server` uvicorn."""

import asyncio
import hmac
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

import anyio
import orjson
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from trainer.serving.admission import Admission
from trainer.serving.endpoints import ENDPOINTS, Endpoint, model_info
from trainer.serving.fields import TOO_LARGE, RequestError
from trainer.serving.metrics import CONTENT_TYPE, Metrics
from trainer.serving.openapi import openapi_document
from trainer.serving.pages import POLICY, reference_page, try_page
from trainer.serving.served_model import ServedModel
from trainer.serving.settings import LOOPBACK, ServeSettings
from trainer.serving.worker import Job, Worker, told

logger = logging.getLogger("trainer")

_JSON = "application/json"
_OPEN = ("/", "/docs", "/openapi.json", "/health")  # without a key: they show nothing of texts or the model's answers
_READ_S = 30  # in which a request must have arrived
_STARTING_S, _FULL_S = 5, 1  # after which to try again
_GONE, _FULL, _FAILED, _NOT_READY = 499, 429, 500, 503
_TYPES = {401: "unauthorized", 409: "unavailable", 413: "too_large", _FULL: "overloaded", _FAILED: "model_error"}

_BYTES = Callable[[], bytes]


class Service:
    """Answers the requests for one model."""

    def __init__(self, model: ServedModel, worker: Worker, metrics: Metrics, settings: ServeSettings, key: str) -> None:
        self._model, self._worker, self._metrics, self._settings = model, worker, metrics, settings
        self._key = key.encode("utf-8")
        self._admission = Admission(settings.max_queue)
        self.draining = False

    def app(self) -> Starlette:
        """The application."""
        document = openapi_document(self._model, keyed=bool(self._key))
        limits = {
            name: getattr(self._settings, name) for name in ("max_texts", "max_body", "max_queue", "max_batch_tokens")
        }
        info = orjson.dumps(model_info(self._model, limits))
        fixed: dict[str, tuple[_BYTES, str]] = {
            "/": (lambda: try_page().encode(), "text/html; charset=utf-8"),
            "/docs": (lambda: reference_page(document).encode(), "text/html; charset=utf-8"),
            "/openapi.json": (lambda: orjson.dumps(document), _JSON),
            "/info": (lambda: info, _JSON),
            "/metrics": (self._counters, CONTENT_TYPE),
        }
        routes = [Route(path, self._get(*what), methods=["GET"]) for path, what in fixed.items()]
        routes.append(Route("/health", self._health, methods=["GET"]))
        routes += [Route(each.path, self._post(each), methods=["POST"]) for each in ENDPOINTS]
        return Starlette(routes=routes, exception_handlers={HTTPException: self._no_such})

    def _get(self, content: _BYTES, media: str) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            try:
                self._admit(request)
            except RequestError as refusal:
                return self._refused(refusal)
            return self._response(200, content(), media)

        return answer

    def _post(self, endpoint: Endpoint) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            begun = time.perf_counter()
            try:
                response = await self._answer(endpoint, request)
            except RequestError as refusal:
                response = self._refused(refusal)
            except ClientDisconnect:
                response = Response(status_code=_GONE)
            except Exception as error:
                logger.error(f"{endpoint.path}: {told(error)}")
                response = self._refused(RequestError(_FAILED, "the server failed on this request; its log says where"))
            self._metrics.request(endpoint.path, response.status_code, time.perf_counter() - begun)
            return response

        return answer

    async def _answer(self, endpoint: Endpoint, request: Request) -> Response:
        self._admit(request)
        unavailable = endpoint.unavailable(self._model)
        if unavailable is not None:
            raise unavailable
        if not self._worker.ready.is_set():
            raise RequestError(_NOT_READY, "the model is being compiled; try again", retry_after=_STARTING_S)
        size = self._announced_size(request)
        if self._worker.room == 0 or not self._admission.enter(size):
            raise self._full()
        try:
            body = await self._body(request)
            prepared = await run_in_threadpool(endpoint.prepared, self._model, body, self._settings.max_texts)
            if len(prepared.rows) > self._settings.max_queue:
                raise RequestError(
                    TOO_LARGE,
                    f"the texts make {len(prepared.rows):,} rows, and {self._settings.max_queue:,} may wait; send them in parts",
                )
            found = await self._computed(prepared.rows, request)
            content = await run_in_threadpool(lambda: _json(prepared.finish(found)))
        finally:
            self._admission.leave(size)
        headers = {"X-Truncated": ",".join(map(str, prepared.truncated))} if prepared.truncated else {}
        return self._response(200, content, _JSON, headers)

    async def _computed(self, rows: Sequence[Any], request: Request) -> list[Any]:
        """What the worker makes of the rows. If the client goes away, they are not computed, and ClientDisconnect is raised."""
        if not rows:
            return []
        job = self._worker.submit(rows)
        if job is None:
            raise self._full()
        done: asyncio.Future[Any] = asyncio.wrap_future(job.done)
        gone: asyncio.Future[Any] = asyncio.ensure_future(_disconnected(request))
        try:
            await asyncio.wait((done, gone), return_when=asyncio.FIRST_COMPLETED)
            if not done.done():
                raise ClientDisconnect
            return await _result(done, job)
        finally:
            gone.cancel()
            if not done.done():
                self._worker.discard(job)
                done.cancel()

    def _announced_size(self, request: Request) -> int:
        """The bytes that a request says it has; as many as are allowed if it does not say. Raises RequestError for too many."""
        length = request.headers.get("content-length", "")
        size = int(length) if length.isdecimal() else self._settings.max_body
        if size > self._settings.max_body:
            raise self._too_large(size)
        return size

    async def _body(self, request: Request) -> bytes:
        body = bytearray()
        with anyio.move_on_after(_READ_S):
            async for part in request.stream():
                body += part
                if len(body) > self._settings.max_body:
                    raise self._too_large(len(body))
            return bytes(body)
        raise RequestError(408, f"the request did not arrive in {_READ_S} s")

    def _admit(self, request: Request) -> None:
        """Raise RequestError for a request without the key, and for one to an address that is not this machine's.

        The latter is what a page of another site sends that lets its own name point to this machine (DNS rebinding).
        """
        if self._key and request.url.path not in _OPEN:
            said = request.headers.get("authorization", "").encode("utf-8", "replace")
            if not hmac.compare_digest(said, b"Bearer " + self._key):
                raise RequestError(401, "the API key is missing or wrong; send it as Authorization: Bearer KEY")
        if self._settings.local and not self._key and (request.url.hostname or "") not in LOOPBACK:
            raise RequestError(
                403,
                "this server answers requests to 127.0.0.1 and localhost; behind a proxy, start it with --api_key_env",
            )

    async def _health(self, request: Request) -> Response:
        ready = self._worker.ready.is_set() and not self.draining
        state = "ready" if ready else "ending" if self.draining else "compiling"
        return self._response(200 if ready else _NOT_READY, orjson.dumps({"status": state}), _JSON)

    def _counters(self) -> bytes:
        gauges = {
            "beambert_queue_rows": ("Rows that wait.", self._worker.waiting),
            "beambert_queue_rows_max": ("Rows that may wait.", self._settings.max_queue),
            "beambert_requests_in_work": ("Requests that are being answered.", self._admission.requests),
            "beambert_ready": ("1 if every shape is compiled.", self._worker.ready.is_set()),
        }
        return self._metrics.text(gauges).encode()

    async def _no_such(self, request: Request, error: Exception) -> Response:
        status = getattr(error, "status_code", 404)
        paths = ", ".join(each.path for each in ENDPOINTS)
        asked = f"{request.method} {request.url.path[:80]}"
        return self._refused(RequestError(status, f"{asked} is nothing here; POST to {paths}, or GET /docs"))

    def _too_large(self, size: int) -> RequestError:
        return RequestError(
            TOO_LARGE, f"the request has {size:,} bytes, and {self._settings.max_body:,} are read; send it in parts"
        )

    def _full(self) -> RequestError:
        return RequestError(_FULL, "the queue is full; try again", retry_after=_FULL_S)

    def _refused(self, refusal: RequestError) -> Response:
        kind = _TYPES.get(refusal.status, "invalid_request_error")
        error = {"message": refusal.message, "type": kind, "param": refusal.field or None, "code": refusal.status}
        headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
        if refusal.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return self._response(refusal.status, _json({"error": error}), _JSON, headers)

    def _response(self, status: int, content: bytes, media: str, headers: dict[str, str] | None = None) -> Response:
        more = {"X-Content-Type-Options": "nosniff", **(headers or {})}
        if media.startswith("text/html"):
            more["Content-Security-Policy"] = POLICY
        if self.draining:
            more["Connection"] = "close"
        return Response(content, status, more, media_type=media)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _result(done: "asyncio.Future[list[Any]]", job: Job) -> list[Any]:
    try:
        return await done
    except Exception:  # the worker has logged it
        raise RequestError(_FAILED, "the model failed on this request; the server's log says where") from None


def _json(content: Any) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)
