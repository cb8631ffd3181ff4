import functools
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


@pytest.fixture
def small_pieces():
    return [*SPECIAL, "[unused0]", "a", "b", "på", "##a", "##b", "hus", "##ene", "."]


@pytest.fixture
def small_vocabulary(small_pieces):
    return ("\n".join(small_pieces) + "\n").encode()


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """No test may see, or leave anything in, the cache of the person who runs it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    return tmp_path / "xdg" / "beambert"


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, files, requests, *arguments):
        self.files, self.requests = files, requests
        super().__init__(*arguments)

    def do_GET(self):
        self.requests.append(self.path)
        body, claimed = self.files.get(self.path, (b"not here", None))
        self.send_response(200 if self.path in self.files else 404)
        self.send_header("Content-Length", str(len(body) if claimed is None else claimed))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class WebServer:
    """`files` maps a path to (body, claimed length or None); `requests` is what was asked for."""

    def __init__(self):
        self.files, self.requests = {}, []
        handler = functools.partial(_Handler, self.files, self.requests)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def web_server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    server = WebServer()
    yield server
    server.server.shutdown()
    server.server.server_close()
