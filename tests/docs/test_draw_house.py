"""The picture of packages in the contributor's guide shows the imports as they are."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("draw_house", ROOT / "docs" / "draw_house.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _picture() -> str:
    return re.search(r"(?s)```mermaid\n(.*?)```", (ROOT / ".github" / "CONTRIBUTING.md").read_text()).group(1)


def _closure(edges):
    """Every pair that a path of edges connects."""
    while True:
        more = edges | {(a, d) for a, b in edges for c, d in edges if b == c}
        if more == edges:
            return edges
        edges = more


def test_the_guide_shows_the_picture_of_today(script):
    assert _picture() == script.house(), "the imports between packages have changed: run python docs/draw_house.py"


def test_its_arrows_are_the_imports(script):
    shown = set(re.findall(r"^ *(\w+)\[[^\]]*\] --> (\w+)\[", _picture(), re.MULTILINE))
    halves = {"t": "trainer", "b": "beam_jobs"}
    named = {tuple(re.sub(r"^([tb])_", lambda m: f"{halves[m[1]]}.", end) for end in edge) for edge in shown}
    assert len(named) > 20
    assert _closure(named) == _closure(script.imports_between_packages())


def test_imports_of_every_form_are_found(script, tmp_path, monkeypatch):
    files = {
        "trainer/__init__.py": "",
        "trainer/__main__.py": "import trainer.run.folder\n",
        "trainer/run/folder.py": "def f():\n    from beam_jobs.records import x\n    import vocab\n",
        "trainer/run/other.py": "from trainer.run.folder import f\nimport numpy\n",
        "beam_jobs/demo.py": "from beam_jobs import storage\n",
        "beam_jobs/storage/__init__.py": "from vocab.errors import UserError\n",
        "beam_jobs/records/__init__.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(script, "ROOT", tmp_path)
    assert script.imports_between_packages() == {
        ("trainer.entry", "trainer.run"),
        ("trainer.run", "beam_jobs.records"),
        ("trainer.run", "vocab"),
        ("beam_jobs.entry", "beam_jobs.storage"),
        ("beam_jobs.storage", "vocab"),
    }


def test_what_a_longer_path_implies_is_left_out(script):
    edges = {("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("a", "d"), ("e", "d")}
    assert script.without_implied(edges) == {("a", "b"), ("b", "c"), ("c", "d"), ("e", "d")}
