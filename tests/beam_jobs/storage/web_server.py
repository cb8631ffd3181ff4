"""A web server with files in memory that sends parts of them, and one of the Hugging Face hub on top of it."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Site:
    """The files by their paths, without a slash at the beginning, and what was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.ranges: list[str] = []  # of each GET of a file
        self.whole_only = False  # whether ranges are ignored
        self.without_size = False
        self.changed = ""  # the time that is sent as Last-Modified
        self.address = ""


@contextmanager
def web_site() -> Iterator[Site]:
    """A site on this machine while the block runs. Paths below `datasets/ORG/NAME/resolve/REVISION/` are a dataset's files."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            wanted = parse_qs(self.rfile.read(size).decode()).get("paths", [])
            found = [entry for entry in _tree(site) if entry["path"] in wanted]
            self._send(200, json.dumps(found).encode())

        def _answer(self) -> None:
            path = self.path.partition("?")[0].strip("/")
            if path.startswith("api/datasets/org/name/tree/"):
                below = path.removeprefix("api/datasets/org/name/tree/").partition("/")[2]
                self._send(200, json.dumps([e for e in _tree(site) if e["path"].startswith(below)]).encode())
            elif path.startswith("api/datasets/org/name"):
                self._send(200, json.dumps({"id": "org/name", "sha": COMMIT, "siblings": []}).encode())
            elif path in site.files:
                self._file(site.files[path])
            else:
                self._send(404, b"{}", {"X-Error-Code": "EntryNotFound"})

        def _file(self, data: bytes) -> None:
            tag = {"ETag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Repo-Commit": COMMIT}
            if site.changed:
                tag["Last-Modified"] = site.changed
            if self.command == "GET":
                site.ranges.append(self.headers.get("Range", ""))
            found = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
            if not found or site.whole_only:
                return self._send(200, data, tag)
            start, end = int(found[1]), min(int(found[2]), len(data) - 1)
            if start >= len(data):
                return self._send(416, b"", {"Content-Range": f"bytes */{len(data)}"})
            return self._send(206, data[start : end + 1], {**tag, "Content-Range": f"bytes {start}-{end}/{len(data)}"})

        def _send(self, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for key, value in (headers or {}).items():
                self.send_header(key, value)
            if not (site.without_size and self.command == "HEAD"):
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


def _tree(site: Site) -> list[dict[str, Any]]:
    """The files of the dataset org/name, and its folders, as the hub lists them."""
    files, folders = [], set()
    for path, data in sorted(site.files.items()):
        found = re.fullmatch(r"datasets/org/name/resolve/[^/]+/(.*)", path)
        if found:
            oid = hashlib.sha1(data, usedforsecurity=False).hexdigest()
            files.append({"type": "file", "path": found[1], "size": len(data), "oid": oid})
            folders |= {found[1][: match.start()] for match in re.finditer("/", found[1])}
    return [*({"type": "directory", "path": name, "size": 0, "oid": "f"} for name in sorted(folders)), *files]
