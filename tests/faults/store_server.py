"""An emulator of an object store behind a proxy that breaks requests, as a program: `store_server.py s3` or `gs`.

It prints the proxy's address. A POST of `{"kind": ..., "rate": ..., "seed": ...}` to `/faults` there says which share of
the requests is broken from now on, and answers how many were broken since the last POST.
"""

import contextlib
import http.client
import json
import os
import random
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BUCKET = "corpora"
TIMEOUT_S = 1.0
"""After this time the clients of `stores.py` give up waiting for an answer."""

BEFORE = ("429", "500", "503", "reset", "timeout")
"""Kinds of faults before the store sees the request."""

AFTER = ("lost answer", "500 after the work", "slow", "wrong ETag")
"""Kinds of faults after the store has done the work."""

OF_A_BODY = ("reset in mid-body", "truncated body", "short body")
"""Kinds of faults of the body of an answer. A short body comes with a Content-Length that fits it."""


class _Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.plan("", 0.0, 0)

    def plan(self, kind: str, rate: float, seed: int) -> None:
        self.struck, self._kind, self._rate, self._draw = 0, kind, rate, random.Random(seed)

    def strikes(self, kinds: tuple[str, ...]) -> str:
        """The kind of fault that happens now, if it is one of `kinds`; else an empty string. It is counted."""
        with self._lock:
            if self._kind in kinds and self._draw.random() < self._rate:
                self.struck += 1
                return self._kind
        return ""


class _Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    faults = _Faults()
    target = ("127.0.0.1", 0)

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/faults":
            struck = self.faults.struck
            self.faults.plan(**json.loads(body))
            self._answer(200, [], json.dumps(struck).encode())
            return
        kind = self.faults.strikes(BEFORE)
        if kind in ("429", "500", "503"):
            self._answer(int(kind), [], b"")
        elif kind == "reset":
            self._reset()
        elif kind == "timeout":
            time.sleep(2 * TIMEOUT_S)
            self._reset()
        else:
            self._forward(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = _handle  # noqa: N815

    def _forward(self, body: bytes) -> None:
        store = http.client.HTTPConnection(*self.target)
        store.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            store.putheader(name, value)
        store.endheaders(body)
        answer = store.getresponse()
        data = answer.read()
        store.close()
        headers = [
            (n, v)
            for n, v in answer.getheaders()
            if n.lower() not in ("content-length", "connection", "transfer-encoding", "date", "server")
        ]
        kind = self.faults.strikes(AFTER)
        if kind == "lost answer":
            self._reset()
        elif kind == "500 after the work":
            self._answer(500, [], b"")
        else:
            if kind == "slow":
                time.sleep(0.3)
            elif kind == "wrong ETag":
                headers = [(n, '"0123456789abcdef0123456789abcdef"' if n.lower() == "etag" else v) for n, v in headers]
            size = int(answer.headers.get("Content-Length") or 0) if self.command == "HEAD" else len(data)
            self._answer(answer.status, headers, data, size)

    def _answer(self, status: int, headers: list[tuple[str, str]], data: bytes, size: int = -1) -> None:
        kind = self.faults.strikes(OF_A_BODY) if self.command == "GET" and len(data) > 1 and status < 300 else ""
        if kind == "short body":
            data, size = data[: len(data) // 2], -1
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data) if size < 0 else size))
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(data[: len(data) // 2] if kind in ("reset in mid-body", "truncated body") else data)
        if kind == "reset in mid-body":
            self.wfile.flush()
            self._reset()
        elif kind == "truncated body":
            self.close_connection = True

    def _reset(self) -> None:
        """End the connection so that the client reads "connection reset by peer"."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # the connection has been reset
            super().finish()

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


def main(name: str) -> None:
    """Serve until standard input ends."""
    if name == "s3":
        from moto.server import ThreadedMotoServer

        emulator = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        emulator.start()
        _Proxy.target = ("127.0.0.1", emulator.get_host_and_port()[1])
    else:
        from gcp_storage_emulator.server import create_server

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            _Proxy.target = ("127.0.0.1", free.getsockname()[1])
        create_server(*_Proxy.target, in_memory=True, default_bucket=BUCKET).start()
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), _Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{proxy.server_address[1]}", flush=True)
    sys.stdin.read()
    os._exit(0)  # the emulator's threads would go on


if __name__ == "__main__":
    main(sys.argv[1])
