"""Who may import whom: the pure core stays pure, the halves meet only in the record formats."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("apache_beam", "tensorflow", "keras", "jax")
OURS = ("beam_jobs", "vocab", "trainer")


def _modules(*paths: str) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        place = ROOT / path
        found += sorted(place.rglob("*.py")) if place.is_dir() else [place]
    assert found
    return found


def _imports(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative imports hide what is imported"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _below(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize(
    "module",
    _modules("beam_jobs/text", "beam_jobs/instances", "beam_jobs/records", "vocab"),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_the_pure_core_knows_neither_beam_nor_a_tensor_library(module: Path) -> None:
    wrong = [name for name in _imports(module) if any(_below(name, heavy) for heavy in HEAVY)]
    assert wrong == []


@pytest.mark.parametrize("module", _modules("beam_jobs"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_corpus_jobs_import_nothing_of_the_trainer_nor_tensorflow(module: Path) -> None:
    if module == ROOT / "beam_jobs" / "demo.py":
        return  # the demo shows both halves, through the trainer's command line
    wrong = [
        name for name in _imports(module) if any(_below(name, p) for p in ("trainer", "tensorflow", "keras", "jax"))
    ]
    assert wrong == []


@pytest.mark.parametrize("module", _modules("beam_jobs"), ids=lambda path: str(path.relative_to(ROOT)))
def test_layers_of_the_corpus_jobs_only_look_down(module: Path) -> None:
    layers = ["beam_jobs.text beam_jobs.instances", "beam_jobs.transforms", "beam_jobs.pipelines"]
    name = ".".join(module.relative_to(ROOT).with_suffix("").parts)
    own = next((i for i, layer in enumerate(layers) if any(_below(name, part) for part in layer.split())), None)
    if own is None:
        return
    above = [part for layer in layers[own + 1 :] for part in layer.split()]
    assert [imported for imported in _imports(module) if any(_below(imported, part) for part in above)] == []


@pytest.mark.parametrize("module", _modules("trainer"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_trainer_knows_of_the_jobs_only_the_record_formats(module: Path) -> None:
    wrong = [
        n
        for n in _imports(module)
        if _below(n, "beam_jobs") and not _below(n, "beam_jobs.records") and n != "beam_jobs"
    ]
    assert wrong == []


@pytest.mark.parametrize("module", _modules("beam_jobs/records"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_record_formats_stand_below_both_halves(module: Path) -> None:
    wrong = [
        n for n in _imports(module) if any(_below(n, part) for part in OURS) and not _below(n, "beam_jobs.records")
    ]
    assert wrong == []


@pytest.mark.parametrize("module", _modules("vocab"), ids=lambda path: str(path.relative_to(ROOT)))
def test_vocab_stands_alone(module: Path) -> None:
    assert [name for name in _imports(module) if any(_below(name, part) for part in ("beam_jobs", "trainer"))] == []
