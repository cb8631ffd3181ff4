"""An HTTP proxy in front of the emulator of an object store: it counts requests, delays them, and tells their rounds."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

_PATIENCE_S = 20.0  # how long a request waits for the others of its round, which only a failing test needs
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "expect"}


@dataclass
class Traffic:
    """What passed through a proxy. `late` are requests that came alone, although others were expected with them."""

    requests: list[tuple[str, str]] = field(default_factory=list)  # method and path
    received: int = 0  # bytes of the bodies that the store sent
    sent: int = 0  # bytes of the bodies that it was sent
    late: list[tuple[str, str]] = field(default_factory=list)

    def copies(self) -> int:
        """The requests that copy an object within the store."""
        return sum("/copyTo/" in path or "/rewriteTo/" in path for _, path in self.requests)

    def methods(self) -> dict[str, int]:
        """The number of requests of each method."""
        return dict(Counter(method for method, _ in self.requests))


@contextmanager
def proxy(upstream: str, delay_s: float = 0.0, rounds: Sequence[int] = ()) -> Iterator[tuple[str, Traffic]]:
    """The address of a proxy in front of `upstream`, and its traffic.

    Each request is delayed by `delay_s`. With `rounds`, requests are held until as many are under way as the number of
    their round says: [2, 1] lets the first two pass only together. So without looking at a clock it is seen that a
    program asks for things at the same time, and how many answers it waits for one after the other.
    """
    traffic, lock, host = Traffic(), threading.Condition(), urlsplit(upstream).netloc
    ends = [sum(rounds[: i + 1]) for i in range(len(rounds))]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self._body()
            with lock:
                asked = (self.command, self.path)
                traffic.requests.append(asked)
                traffic.sent += len(body)
                end = next((end for end in ends if len(traffic.requests) <= end), 0)
                lock.notify_all()
                if not lock.wait_for(lambda: len(traffic.requests) >= end, _PATIENCE_S):
                    traffic.late.append(asked)
            time.sleep(delay_s)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
            connection = http.client.HTTPConnection(host, timeout=60)
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            data = answer.read()
            connection.close()
            with lock:
                traffic.received += len(data)
            self.send_response(answer.status, answer.reason)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP | {"date", "server"}:
                    self.send_header(name, value.replace(host, self.headers["Host"]))
            length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(data))
            self.send_header("Content-Length", length or "0")
            self.end_headers()
            self.wfile.write(data)

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = pass_on  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", traffic
    finally:
        server.shutdown()
        server.server_close()
