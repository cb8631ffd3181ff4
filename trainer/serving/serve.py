"""Runs a server from its start to its end."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable

from beam_jobs.console.interruption import answering, leave
from beam_jobs.errors import UserError
from trainer.serving.app import Service
from trainer.serving.http_server import HttpServer
from trainer.serving.load import load_served
from trainer.serving.metrics import Metrics
from trainer.serving.settings import ServeSettings
from trainer.serving.worker import Worker, told

_LOOK_EVERY_S = 0.1


class ModelServer:
    """A server of one model. `start` returns when it listens, `stop` when all that was accepted is answered.

    Attributes:
        url: its address, with the port that was chosen.
        remarks: what a user should know, a line each.
    """

    def __init__(self, settings: ServeSettings) -> None:
        """Read the model and take the port. Raises UserError if the one or the other cannot be had."""
        settings.validate()
        key = _key(settings.api_key_env)
        self._listener = _listener(settings.host, settings.port)
        try:
            model = load_served(settings)
        except BaseException:
            self._listener.close()
            raise
        port = self._listener.getsockname()[1]
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        self.url = f"http://{host}:{port}"
        self.remarks = model.remarks
        if not settings.local and not key:
            self.remarks += (
                f"--host {settings.host}: anybody who reaches this machine may use the model; name a key with --api_key_env",
            )
        metrics = Metrics()
        self.worker = Worker(model.computations, settings.max_batch_tokens, settings.max_queue, metrics)
        self._http = HttpServer(Service(model, self.worker, metrics, settings, key), self._listener)
        self.model = model

    def start(self) -> None:
        """Listen, and begin to compile; before that is done, requests are answered with 503."""
        self.worker.start()
        self._http.start()

    def wait_ready(self) -> bool:
        """Wait until every shape is compiled; False if the server ends before. Raises the error of a failed compilation."""
        while not self.worker.ready.wait(_LOOK_EVERY_S):
            if self.worker.failure is not None:
                self.end()
                raise self.worker.failure
            if self._http.join(0):
                return False
        return True

    def end(self) -> None:
        """Ask the server to answer what was accepted and to end; returns at once. Any thread may ask."""
        self._http.stop()

    def wait_ended(self) -> None:
        """Wait until everything is answered and the server has ended."""
        while not self._http.join(_LOOK_EVERY_S):
            pass
        self.worker.stop()

    def stop(self) -> None:
        """End, and wait for it."""
        self.end()
        self.wait_ended()


def serve(settings: ServeSettings, say: Callable[[str], None] = print) -> int:
    """Serve until SIGTERM, SIGHUP or Ctrl-C; then answer what was accepted, and return the exit status 0.

    Raises UserError if the settings cannot be meant, or the model or the port cannot be had.
    """
    server = ModelServer(settings)
    for remark in server.remarks:
        print(f"warning: {remark}", file=sys.stderr)
    asked = threading.Event()

    def stop(number: int) -> bool:
        if asked.is_set() and number == signal.SIGINT:
            leave("trainer serve: stopped; what was not answered yet is lost", number)
        if not asked.is_set():
            asked.set()
            server.end()
            print(f"{signal.Signals(number).name}: answering what was accepted, then ending", file=sys.stderr)
        return False

    with answering(stop):
        begun = time.monotonic()
        server.start()
        say(f"{server.url}: compiling {server.worker.shapes} shapes; /health says when requests are answered")
        try:
            ready = server.wait_ready()
        except Exception as error:
            server.wait_ended()
            raise UserError(
                f"{settings.model}: cannot be compiled ({told(error)}); a smaller --max_batch_tokens needs less memory"
            ) from error
        if ready:
            paths = ", ".join(
                name for name in ("embed", "predict", "answer", "fill_mask") if name not in server.model.missing
            )
            say(f"{server.url}: ready after {time.monotonic() - begun:.0f} s; serves {server.model.name}: {paths}")
        server.wait_ended()
    say("ended; everything that was accepted is answered")
    return 0


def _key(variable: str) -> str:
    if not variable:
        return ""
    key = os.environ.get(variable, "")
    if not key.strip():
        raise UserError(f"--api_key_env {variable}: there is no such environment variable, or it is empty; set it")
    return key.strip()


def _listener(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(2048)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise UserError(
            f"--host {host} --port {port}: cannot listen there ({error.strerror or error}); name others, or --port 0"
        ) from error
    return listener
