"""Tiny models with drawn weights, and what tests ask servers of them with."""

import http.client
import json
from pathlib import Path

import httpx
import numpy as np

WORDS = [
    "god",
    "dårlig",
    "film",
    "bok",
    "var",
    "ikke",
    "den",
    "en",
    "og",
    "Oslo",
    "Bergen",
    "Kari",
    "Ola",
    "bor",
    "i",
    "hvor",
]
LETTERS = "abcdefghjklmnopqrstuvwxyzæøåKOB"
PIECES = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *WORDS,
    *LETTERS,
    *(f"##{letter}" for letter in LETTERS + "i"),
    *".,?[]",
]
LABELS = {"classify": ("negativ", "positiv"), "pairs": ("nei", "ja"), "tag": ("B-LOC", "B-PER", "I-PER", "O")}


def config():
    from trainer.model.config import BertConfig

    return BertConfig(
        vocab_size=len(PIECES),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
        initializer_range=0.3,
    )


def write_pretrained(folder: Path) -> Path:
    """A pretrained model, as `trainer export` writes it."""
    from trainer.export.hugging_face import save_hugging_face
    from trainer.model.bert import build_pretrainer

    vocabulary = folder / "vocabulary.txt"
    vocabulary.write_text("".join(f"{piece}\n" for piece in PIECES), encoding="utf-8")
    save_hugging_face(build_pretrainer(config(), seed=3), config(), vocabulary, False, folder / "model", "card")
    return folder / "model"


def write_finetuned(folder: Path, task: str, pretrained: Path) -> Path:
    """A model with the head of a task, as `trainer finetune` writes it; nothing was learned."""
    from trainer.export.finetuned.save_finetuned import save_finetuned
    from trainer.export.finetuned.task_form import ANSWERS, NUMBER, SEQUENCE, SINGLE, TOKENS, TaskForm
    from trainer.finetuning.run_files import LABELS_NAME, TaskRecord
    from trainer.finetuning.settings import TaskSettings
    from trainer.finetuning.start import read_start
    from trainer.model.task_heads import build_with_task_head

    labels = LABELS.get(task, ())
    forms = {
        "tag": TaskForm(TOKENS, labels),
        "answer": TaskForm(ANSWERS),
        "regress": TaskForm(SEQUENCE, (), NUMBER),
    }
    form = forms.get(task) or TaskForm(SEQUENCE, labels, SINGLE)
    settings = TaskSettings(task, max_seq_length=16, window_overlap=2, max_question_length=4, null_threshold=None)
    files = {**read_start(str(pretrained)).tokenizer, LABELS_NAME: TaskRecord(settings, labels).to_bytes()}
    model = build_with_task_head(form.head, config(), seed=5)
    save_finetuned(model, form, folder / task, head_dropout=0.1, pad_id=0, card="card", files=files)
    return folder / task


def client(server, **options) -> httpx.Client:
    """A client of a server."""
    return httpx.Client(base_url=server.url, timeout=120, trust_env=False, **options)


def connect(server) -> http.client.HTTPConnection:
    """A connection that stays open between requests, and costs little."""
    host, port = server.url.removeprefix("http://").split(":")
    return http.client.HTTPConnection(host, int(port), timeout=120)


def send(connection, path, content):
    """(status, what comes back) of a request on a connection."""
    connection.request("POST", path, json.dumps(content))
    response = connection.getresponse()
    return response.status, response.read()


def post(server, path, content, **options):
    """(status, the JSON that comes back) of one request."""
    with client(server) as http:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        response = http.post(path, content=body, **options)
        return response.status_code, response.json()


def refusal(server, path, content, **options):
    """(status, field, message) of a request that is refused."""
    status, answer = post(server, path, content, **options)
    error = answer["error"]
    assert error["code"] == status
    assert "\n" not in error["message"]
    return status, error["param"], error["message"]


def same(found, wanted, atol=1e-6):
    """Whether vectors are the same."""
    np.testing.assert_allclose(np.asarray(found, np.float32), wanted, rtol=0, atol=atol)
