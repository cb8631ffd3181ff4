"""Models by name: from a cache as the hub's tools leave it, and fetched by the hub's own client from a server here."""

import hashlib
import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub.constants
import huggingface_hub.file_download
import pytest

from beam_jobs.errors import UserError
from trainer.commands.named_paths import require_model
from trainer.export import hub_models
from trainer.export.hub_models import cached_model, fetched_model, repository_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {
    "config.json": b'{"model_type": "bert"}',
    "model.safetensors": b"weights",
    "vocab.txt": b"[PAD]\n",
    "README.md": b"#",
}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def keep(cache: Path, repository: str, files: dict[str, bytes]) -> Path:
    """A model in the cache, as the hub's tools keep it."""
    place = cache / f"models--{repository.replace('/', '--')}"
    folder = place / "snapshots" / COMMIT
    folder.mkdir(parents=True)
    (place / "refs").mkdir()
    (place / "refs/main").write_text(COMMIT)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.mark.parametrize(
    ("name", "repository"),
    [
        ("bert-base-multilingual-cased", "google-bert/bert-base-multilingual-cased"),
        ("roberta-base", "FacebookAI/roberta-base"),
        ("NbAiLab/nb-bert-base", "NbAiLab/nb-bert-base"),
        ("my_model", ""),
        ("bert", ""),
        ("a/b/c", ""),
        ("bert-" + "x" * 300, ""),
        ("/models/bert-base-cased", ""),
        ("../bert-base-cased", ""),
        ("here/model", ""),  # a path: `here` is a folder
        ("bert-tiny.ckpt", ""),  # a checkpoint of TensorFlow, see below
    ],
)
def test_what_is_a_name_on_the_hub(cache, name, repository):
    (cache.parent / "here").mkdir()
    (cache.parent / "bert-tiny.ckpt.index").write_text("")
    assert repository_of(name) == repository


@pytest.mark.parametrize("kept_as", ["google-bert/bert-base-cased", "bert-base-cased"])
def test_a_model_in_the_cache_is_found_by_its_old_and_its_full_name(cache, kept_as):
    folder = keep(cache, kept_as, FILES)
    assert cached_model("bert-base-cased") == folder
    assert require_model("--model", "bert-base-cased") == str(folder)


def test_a_model_without_its_weights_is_not_there(cache):
    keep(cache, "org/model", {"config.json": b"{}"})
    assert cached_model("org/model") is None


def test_the_cache_is_where_the_hubs_tools_have_it(cache, monkeypatch):
    monkeypatch.delenv("HF_HUB_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    assert str(hub_models.cache_folder()) == "/x/huggingface/hub"
    monkeypatch.setenv("HF_HOME", "/h")
    assert str(hub_models.cache_folder()) == "/h/hub"


@pytest.fixture
def hub(cache, monkeypatch):
    """A server that answers as the hub does; its list of requests."""
    asked = []
    damaged = set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self):
            self._answer()

        def do_GET(self):
            self._answer()

        def _answer(self):
            path = self.path.partition("?")[0]
            asked.append(path)
            if path.startswith("/api/models/org/model/"):
                names = [
                    {"rfilename": name, "path": name, "type": "file", "size": len(data), "oid": "x"}
                    for name, data in FILES.items()
                ]
                content = names if "/tree/" in path else {"id": "org/model", "sha": COMMIT, "siblings": names}
                return self._send(200, json.dumps(content).encode(), {"Content-Type": "application/json"})
            name = path.rpartition("/")[2]
            if path.startswith("/org/model/resolve/") and name in FILES:
                data = FILES[name]
                git = hashlib.sha1(f"blob {len(data)}\0".encode() + data).hexdigest()
                digest = hashlib.sha256(data).hexdigest() if name.endswith(".safetensors") else git
                sent = data[::-1] if name in damaged else data
                return self._send(200, sent, {"ETag": f'"{digest}"', "X-Repo-Commit": COMMIT})
            return self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})

        def _send(self, status, data, headers):
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", address)
    monkeypatch.setattr(
        huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}"
    )
    yield asked, damaged
    server.shutdown()
    server.server_close()


def test_a_model_is_fetched_once_with_what_is_needed_of_it(cache, hub, capsys):
    asked, _ = hub
    folder = fetched_model("--model", "org/model")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        name: data for name, data in FILES.items() if name != "README.md"
    }
    assert capsys.readouterr().err.startswith("fetching org/model from the hub of Hugging Face (once)\n")
    asked.clear()
    assert fetched_model("--model", "org/model") == folder
    assert asked == []


def test_a_file_that_came_damaged_is_removed(cache, hub):
    _, damaged = hub
    damaged.add("model.safetensors")
    with pytest.raises(UserError, match=r"--init org/model: model\.safetensors came damaged and was removed"):
        fetched_model("--init", "org/model")
    assert cached_model("org/model") is None
    damaged.clear()
    assert fetched_model("--init", "org/model").is_dir()


def test_a_model_that_cannot_be_fetched_says_what_to_put_where(cache, hub, monkeypatch):
    message = r"--init org/other: no such checkpoint here, nor in the cache .*/hub\), .*; put config\.json, model\.safetensors and"
    with pytest.raises(UserError, match=message):
        fetched_model("--init", "org/other")
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(
        UserError, match=r"bert-base-cased: no such checkpoint .*https://huggingface\.co/google-bert/bert-base-cased"
    ):
        require_model("--model", "bert-base-cased")


def test_a_model_without_safetensors_is_told(cache, hub, monkeypatch):
    monkeypatch.setitem(FILES, "pytorch_model.bin", FILES["model.safetensors"])
    monkeypatch.delitem(FILES, "model.safetensors")
    with pytest.raises(UserError, match="has no weights as safetensors on the hub"):
        fetched_model("--init", "org/model")
    shutil.rmtree(cache)
