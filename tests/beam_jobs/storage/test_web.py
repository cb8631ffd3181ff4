import http.server
import threading

import pytest

from beam_jobs.storage.web import read_web


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "10")
            self.end_headers()
            self.wfile.write(b"half")
            return
        status = {"/a": 200, "/none": 404}.get(self.path, 503)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(self.headers["User-Agent"].encode())

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture(scope="module")
def address():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_the_bytes_of_a_file(address):
    assert read_web(f"{address}/a") == b"beambert"


@pytest.mark.parametrize(
    ("path", "kind", "message"),
    [
        ("/none", FileNotFoundError, r"/none does not exist \(HTTP 404\)"),
        ("/busy", OSError, "HTTP 503"),
        ("/cut", OSError, "the connection broke after 4 bytes"),
    ],
)
def test_what_goes_wrong_is_told(address, path, kind, message):
    with pytest.raises(kind, match=message):
        read_web(f"{address}{path}")


def test_where_nobody_answers():
    with pytest.raises(OSError, match="refused"):
        read_web("http://127.0.0.1:9/x")


def test_an_address_that_cannot_be_one():
    with pytest.raises(OSError, match="Invalid IPv6 URL"):
        read_web("http://[bad/x")
