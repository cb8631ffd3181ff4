"""The hub's own client against a server on this machine that answers as the hub does."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub.constants
import pytest

from beam_jobs.errors import UserError
from trainer.export.push import push, require_name

CARD = '---\nlanguage: "no"\n---\n# A model\n'


class Hub:
    """Repositories as dictionaries of files, and what was asked."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.made: list[dict] = []
        self.refuses = False


@pytest.fixture
def hub(monkeypatch):
    state = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.asked.append(self.path)
            if state.refuses:
                return self._answer(403, {"error": "you may not write here"})
            if self.path == "/api/repos/create":
                state.made.append(json.loads(body))
                return self._answer(200, {"url": f"{huggingface_hub.constants.ENDPOINT}/org/model"})
            if "/preupload/" in self.path:
                files = [{**file, "uploadMode": "regular", "shouldIgnore": False} for file in json.loads(body)["files"]]
                return self._answer(200, {"files": files})
            if "/commit/" in self.path:
                for line in body.splitlines():
                    entry = json.loads(line)
                    if entry["key"] == "file":
                        state.files[entry["value"]["path"]] = base64.b64decode(entry["value"]["content"])
                return self._answer(
                    200, {"commitUrl": f"{huggingface_hub.constants.ENDPOINT}/org/model/commit/1", "commitOid": "1"}
                )
            return self._answer(200, {})

        def do_GET(self) -> None:
            self._answer(404, {"error": "not found"})

        def _answer(self, status: int, content: dict) -> None:
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "README.md").write_text(CARD)
    (tmp_path / "model.safetensors").write_bytes(bytes(range(256)))
    return tmp_path


def test_the_folder_is_uploaded_whole_into_a_private_repository(hub, folder):
    assert push(folder, "org/model").endswith("/org/model/commit/1")
    assert hub.files == {"README.md": CARD.encode(), "model.safetensors": bytes(range(256))}
    assert hub.made[0]["name"] == "model"
    assert hub.made[0]["organization"] == "org"
    assert hub.made[0].get("private") is True or hub.made[0].get("visibility") == "private"


def test_a_hub_that_refuses_is_one_line_and_the_folder_stays(hub, folder):
    hub.refuses = True
    with pytest.raises(
        UserError, match=r"--push org/model: the hub did not take it \(.*403.*stays as it is: upload it later"
    ):
        push(folder, "org/model")
    assert (folder / "README.md").exists()


def test_a_hub_that_cannot_be_reached_is_one_line(folder, monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    with pytest.raises(UserError, match=r"did not take it \(.*refused"):
        push(folder, "org/model")


def test_a_card_that_the_hub_would_not_read_is_not_uploaded(hub, folder):
    (folder / "README.md").write_text("---\n- a list\n---\n")
    with pytest.raises(UserError, match="metadata block should be a dict"):
        push(folder, "org/model")
    assert not hub.asked


@pytest.mark.parametrize("name", ["model", "org/model/x", "/home/me/model", "org/mo del"])
def test_what_is_no_name_on_the_hub(name):
    with pytest.raises(UserError, match="is no name on the hub; give ORG/NAME"):
        require_name(name, "hugging_face")


def test_forms_that_the_hub_does_not_show():
    with pytest.raises(UserError, match="leave --push or --format original out"):
        require_name("org/model", "original")
    require_name("org/model", "distilbert")
