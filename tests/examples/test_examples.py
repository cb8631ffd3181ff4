"""The examples run, one after the other, and so does the Python that the README shows."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent
ROOT = EXAMPLES.parent.parent


def _run(name: str, folder: Path, *more: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, EXAMPLES / name, folder, *more],
        cwd=folder.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("examples") / "example"


@pytest.fixture(scope="module")
def shards(folder: Path) -> list[str]:
    return [line for line in _run("text_to_shards.py", folder).splitlines() if line.endswith(".tfrecord.gz")]


@pytest.fixture(scope="module")
def use_of_the_model(folder: Path, shards: list[str]) -> str:
    return _run("train_and_use.py", folder, JAX_DISABLE_MOST_OPTIMIZATIONS="1")


def test_text_to_shards(folder: Path, shards: list[str]) -> None:
    assert [Path(shard).relative_to(folder / "instances").parts[0] for shard in shards] == ["dev", "train"]
    assert all(Path(shard).exists() for shard in shards)


def test_look_at_instances(folder: Path, shards: list[str]) -> None:
    shown = _run("look_at_instances.py", folder)
    assert shown.startswith("train/instances-00000-of-00001.tfrecord.gz record 0, label ")
    assert "A [CLS] " in shown
    assert "[MASK→" in shown
    assert re.search(r"^instances: 5\d\d$", shown, re.MULTILINE)
    assert re.search(r"^ +unknown_pieces 0.0$", shown, re.MULTILINE)


def test_distil(folder: Path, use_of_the_model: str) -> None:
    shown = _run("distil.py", folder, JAX_DISABLE_MOST_OPTIMIZATIONS="1")
    assert re.search(r"^masked-LM loss \d+\.\d\d, of the teacher \d+\.\d\d$", shown, re.MULTILINE)
    assert re.search(r"written as distilbert, read back; largest difference", shown)


def test_train_and_use(use_of_the_model: str) -> None:
    assert re.search(r"written as hugging_face, read back; largest difference 0$", use_of_the_model, re.MULTILINE)
    assert len(re.findall(r"^ +\d+\.\d%  \S", use_of_the_model, re.MULTILINE)) == 5
    assert "(2, 10, 32) float32" in use_of_the_model
    assert use_of_the_model.splitlines()[-1].startswith("('[CLS]', 'A', 'class'")


def test_finetune_and_predict(folder: Path, use_of_the_model: str) -> None:
    shown = _run("finetune_and_predict.py", folder, JAX_DISABLE_MOST_OPTIMIZATIONS="1").splitlines()
    assert re.fullmatch(r"macro F1 \d\.\d\d, by counting labels \d\.\d\d", shown[-4])
    assert all(re.match(r"(statement|expression) \{'expression': ", line) for line in shown[-3:])


def test_embed_texts(folder: Path, use_of_the_model: str) -> None:
    shown = _run("embed_texts.py", folder, JAX_DISABLE_MOST_OPTIMIZATIONS="1").splitlines()
    assert shown[-4].startswith("(3, 32) float32")
    assert [line.split()[number + 1] for number, line in enumerate(shown[-3:])] == ["1.000"] * 3


def test_serve_and_ask(folder: Path, use_of_the_model: str) -> None:
    shown = _run("serve_and_ask.py", folder, JAX_DISABLE_MOST_OPTIMIZATIONS="1")
    assert len(re.findall(r"^ +\d+\.\d%  \S", shown, re.MULTILINE)) == 3
    assert re.search(r"^2 vectors of 32 numbers; \{'prompt_tokens': \d+, 'total_tokens': \d+\}$", shown, re.MULTILINE)


def test_docstrings_and_code(tmp_path: Path) -> None:
    shown = _run("docstrings_and_code.py", tmp_path / "code", "json", "textwrap")
    rows = [json.loads(line) for line in (tmp_path / "code" / "pairs.jsonl").read_text("utf-8").splitlines()]
    assert shown.startswith(f"{len(rows)} pairs in ")
    assert len({row["code"] for row in rows}) == len({row["id"] for row in rows}) == len(rows) > 8
    dedent = next(row for row in rows if row["id"].startswith("textwrap.py:dedent:"))
    assert dedent["docstring"].startswith("Remove any common leading whitespace")
    assert dedent["code"].startswith("def dedent(text):\n")
    assert dedent["docstring"] not in dedent["code"]


def test_the_python_of_the_readme_runs(
    folder: Path, use_of_the_model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    vocabulary = tmp_path / "corpus" / "vocabulary"
    shutil.copytree(folder / "vocab", vocabulary)
    (vocabulary / "example.json").rename(vocabulary / "custom.json")
    shutil.copytree(folder / "instances", tmp_path / "corpus" / "instances")
    shutil.copytree(folder / "exported", tmp_path / "exported")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(code, names)
    for expression, value in re.findall(r"^(\w.*\))  # (\[.*\])$", code, re.MULTILINE):
        assert eval(expression, names) == eval(value)
