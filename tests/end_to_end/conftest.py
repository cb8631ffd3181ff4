"""A small corpus of real text, and the jobs as a user launches them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from pydoc_data.topics import topics

import pytest

ROOT = Path(__file__).parent.parent.parent
TIMING_KEYS = (
    "time_taken_min",
    "max_num_cpus",
    "run_in_parallel",
    "data_dir",
    "output_dir",
    "vocab_file",
    "run_name",
    "shards_per_worker",
)


@pytest.fixture(scope="session")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The language reference as JSON lines, a document a topic, with letters that are not ASCII here and there."""
    path = tmp_path_factory.mktemp("raw") / "topics.jsonl"
    with path.open("w") as file:
        for name, text in sorted(topics.items()):
            paragraphs = [" ".join(block.split()) for block in text.split("\n\n")]
            record = {"id": name, "lang": "en", "text": "\n".join(["Blåbær på Øya – så søtt!", *paragraphs])}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


@pytest.fixture(scope="session")
def vocab_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vocabulary of the characters and the most frequent words, good enough for any bytes test."""
    from collections import Counter

    words = Counter(word for text in topics.values() for word in text.split() if word.isalpha())
    characters = sorted(set("".join(topics.values()) + "æøåÆØÅ–"))
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces += [c for c in characters if not c.isspace()] + [f"##{c}" for c in characters if c.isalnum()]
    pieces += [word for word, _ in words.most_common(1500) if len(word) > 1]
    path = tmp_path_factory.mktemp("vocabulary") / "vocab.txt"
    path.write_text("\n".join(dict.fromkeys(pieces)) + "\n")
    return path


@pytest.fixture(scope="session")
def command() -> Callable[..., list[str]]:
    """The command line of a job in a process of its own."""
    return lambda *arguments: [sys.executable, "-m", "beam_jobs", *map(str, arguments)]


@pytest.fixture(scope="session")
def run(command: Callable[..., list[str]]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a job as a user does and return what it printed."""

    def run_job(*arguments: object) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run(command(*arguments), capture_output=True, text=True, env=environment, timeout=300)

    return run_job


@pytest.fixture(scope="session")
def content() -> Callable[[Path], dict[str, object]]:
    """Every file of an output folder by its name; the statistics without what tells of one launch."""

    def read(folder: Path) -> dict[str, object]:
        files: dict[str, object] = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = str(path.relative_to(folder))
                if path.name == "corpus_stats.json":
                    stats = json.loads(path.read_text())
                    files[name] = {key: value for key, value in stats.items() if key not in TIMING_KEYS}
                elif path.name != "config.toml":  # it names the output and the number of processes
                    files[name] = path.read_bytes()
        return files

    return read
