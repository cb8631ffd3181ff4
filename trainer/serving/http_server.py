"""uvicorn, which speaks HTTP for the application."""

import socket
import threading

import uvicorn

from trainer.serving.app import Service

_GRACE_S = 0.5  # between a request to stop and the close of idle connections, in which clients learn of it


class HttpServer:
    """uvicorn on a socket that is bound already, in a thread of its own: then signals stay with the main thread."""

    def __init__(self, service: Service, listener: socket.socket) -> None:
        self._service, self._listener = service, listener
        config = uvicorn.Config(
            service.app(),
            log_config=None,
            log_level="critical",
            access_log=False,
            lifespan="off",
            server_header=False,
            ws="none",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True, name="serve-http")

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def join(self, seconds: float) -> bool:
        """Wait for the end; whether it has come."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Answer what was accepted, tell clients to close their connections, and end; returns at once.

        New connections are refused from now on. Those that are there are served for a moment more: a request may be on its
        way already.
        """
        if self._service.draining:
            return
        self._service.draining = True
        for listening in getattr(self._server, "servers", ()):  # none before it has started
            listening.get_loop().call_soon_threadsafe(listening.close)
        threading.Timer(_GRACE_S, self._close).start()

    def _close(self) -> None:
        self._server.should_exit = True

    def _run(self) -> None:
        self._server.run(sockets=[self._listener])
