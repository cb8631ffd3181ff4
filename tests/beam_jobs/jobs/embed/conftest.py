"""A tiny model folder and texts for it; the job needs the trainer, whose backend these tests choose first."""

import json
import shutil
from pathlib import Path

import pytest

from beam_jobs.settings import EmbedSettings

SAVED = Path(__file__).parents[3] / "trainer" / "export" / "golden" / "bert"
PIECES = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat", "on", "mat", ".", "a", "tree", "##s", "##ing"),
    *("s", "e", "##e", "##n", "i", "##t", "x", "!", "?"),
)
WORDS = ("the", "cat", "sat", "on", "mat", "trees", "a", "seen", "!")


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """The folder of a BERT of 8 numbers, which reads 16 pieces; read-only."""
    folder = tmp_path_factory.mktemp("model") / "model"
    folder.mkdir()
    for file in ("config.json", "model.safetensors"):
        shutil.copy(SAVED / file, folder / file)
    (folder / "vocab.txt").write_text("".join(f"{piece}\n" for piece in PIECES), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": False}))
    return folder


@pytest.fixture
def texts(tmp_path):
    """Two hundred texts in two files, some of them too long, and two lines that hold none."""
    rows = [
        {"id": f"t{i}", "text": " ".join(WORDS[(i * 7 + k * k) % 9] for k in range(i % 19 + 1))} for i in range(200)
    ]
    folder = tmp_path / "raw"
    folder.mkdir()
    lines = [json.dumps(row) for row in rows]
    (folder / "a.jsonl").write_text("\n".join([*lines[:120], '{"id": "none"}', "{broken"]) + "\n")
    (folder / "b.jsonl").write_text("\n".join(lines[120:]) + "\n")
    return rows


@pytest.fixture
def settings(model, texts, tmp_path):
    """Settings of a job over these texts."""
    return EmbedSettings(
        (str(tmp_path / "raw"),), str(tmp_path / "vectors"), model=str(model), max_rejected=0.1, max_num_cpus=1
    )
