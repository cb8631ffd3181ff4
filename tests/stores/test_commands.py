"""Every command with all its files in an object store: the corpora have the bytes of local ones."""

import json
from pathlib import Path
from pydoc_data.topics import topics

import pytest

import beam_jobs.__main__ as jobs
import trainer.__main__ as training
from beam_jobs import storage

_PLAN = """
name = "tiny"
[model]
compute_dtype = "float32"
[model.config]
vocab_size = 384
hidden_size = 32
num_hidden_layers = 1
num_attention_heads = 2
intermediate_size = 64
max_position_embeddings = 32
[checkpoint]
every = 2
[[phase]]
name = "all"
sequence_length = 32
max_predictions = 5
batch = 8
steps = 4
learning_rate = { peak = 1e-3 }
"""


def _raw() -> bytes:
    lines = [json.dumps({"id": name, "text": text}).encode() for name, text in sorted(topics.items())[:40]]
    return b"\n".join([*lines, b"{not JSON"]) + b"\n"


def _run_all(place: str, capsys: pytest.CaptureFixture[str]) -> str:
    """All commands with their files in `place`. Returns what they print."""
    storage.write_whole(f"{place}/raw/topics.jsonl", _raw())
    storage.write_whole(f"{place}/plan.toml", _PLAN.encode())
    vocabulary = f"--vocab_file={place}/vocabulary/vocab.txt"
    some = ["--max_rejected=0.5"]  # of the 40 documents, one line is no JSON
    make = ["--max_seq_length=32", "--dupe_factor=2", vocabulary]
    for command in (
        ["vocabulary", "--input", f"{place}/raw", "--output", f"{place}/vocabulary", "--vocab_size=384", *some],
        ["segment", "--input", f"{place}/raw", "--output", f"{place}/sentences", *some],
        ["vocab", "lint", vocabulary, "--text", f"{place}/sentences/*.txt"],
        ["instances", "--input", f"{place}/sentences", "--output", f"{place}/instances", *make],
        ["corpus", "--input", f"{place}/raw", "--output", f"{place}/corpus", *make, *some],
        ["inspect", f"{place}/instances", "--check=all", "--max_num_cpus=1"],
        ["inspect", "--compare", f"{place}/instances", f"{place}/corpus/instances"],
    ):
        status = jobs.main(command)
        assert status in (0, 1 if command[0] == "vocab" else 0), (command, capsys.readouterr().err)
    for command in (
        ["plan", "show", f"{place}/plan.toml", "--data", f"{place}/instances"],
        ["pretrain", "--plan", f"{place}/plan.toml", "--data", f"{place}/instances", "--output", f"{place}/run"],
        ["export", "--run", f"{place}/run", "--output", f"{place}/exported"],
    ):
        assert training.main(command) == 0, (command, capsys.readouterr().err)
    return capsys.readouterr().out


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the local files will be."""
    return tmp_path_factory.mktemp("local")


def test_every_command_works_in_a_store_as_on_a_disk(bucket, local, capsys, quick_compilation):
    if not (local / "raw").exists():
        _run_all(str(local), capsys)
    place = f"{bucket}/commands"
    told = _run_all(place, capsys)
    assert "same records" in told
    assert f"{place}/exported: uploaded" in told
    names = {name for name in storage.list_folder(place) if not name.startswith("run/tensorboard/")}
    ours = {path.relative_to(local).as_posix() for path in local.rglob("*") if path.is_file()}
    assert not any("_work" in name for name in names)
    shards = {name for name in ours if "-of-" in name} | {"vocabulary/vocab.txt", "corpus/sentences/rejected.jsonl"}
    for name in shards & ours:
        assert storage.read_bytes(f"{place}/{name}") == (local / name).read_bytes(), name
    assert {name for name in ours if not name.startswith("run/")} <= names
