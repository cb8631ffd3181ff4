"""Who may import whom: the pure core stays pure, the two halves share a few packages, and every package looks down only."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("apache_beam", "tensorflow", "keras", "jax")
PURE = (
    "text",
    "tokenizer",
    "masking",
    "duplicates",
    "dehyphenation",
    "held_out",
    "personal_data",
    "language_detection",
    "quality",
    "instances",
    "records",
)
FILELESS = (*(name for name in PURE if name != "records"), "settings")

# The packages of each half from the lowest to the highest; those on one line know nothing of each other.
JOBS = (
    "console storage",
    "records",
    "text tokenizer masking",
    "dehyphenation duplicates language_detection",
    "held_out personal_data quality",
    "settings",
    "instances",
    "engines estimates",
    "execution",
    "inputs faults decoding",
    "documents",
    "inspection",
    "jobs",
    "api commands",
)
TRAINER = (
    "model scores",
    "plans",
    "optim devices tasks",
    "data",
    "export",
    "examples",
    "run",
    "report",
    "training",
    "compilation finetuning",
    "embeddings",
    "distillation serving",
    "commands",
)
SHARED = ("errors", "console", "storage", "records", "masking", "tokenizer")
"""What of the jobs the trainer may use."""
LOWEST = ("errors", "console", "storage")
"""What of the jobs `vocab` may use; it imports nothing of `vocab`."""


def _modules(*paths: str) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        place = ROOT / path
        found += sorted(place.rglob("*.py")) if place.is_dir() else [place]
    assert found
    return found


def _name(module: Path) -> str:
    return ".".join(module.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


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


def _outside(module: Path, allowed: tuple[str, ...]) -> list[str]:
    """What a module imports of the jobs that is none of `allowed`."""
    return [
        name
        for name in _imports(module)
        if _below(name, "beam_jobs")
        and name != "beam_jobs"
        and not any(_below(name, f"beam_jobs.{package}") for package in allowed)
    ]


def _forbidden(module: Path, *packages: str) -> list[str]:
    return [name for name in _imports(module) if any(_below(name, package) for package in packages)]


@pytest.mark.parametrize(
    "module",
    _modules(*(f"beam_jobs/{name}" for name in PURE), "vocab", "trainer/examples", "trainer/scores"),
    ids=_name,
)
def test_the_pure_core_knows_neither_beam_nor_a_tensor_library(module: Path) -> None:
    assert _forbidden(module, *HEAVY) == []


@pytest.mark.parametrize("module", _modules("beam_jobs"), ids=_name)
def test_the_corpus_jobs_import_nothing_of_the_trainer_nor_a_tensor_library(module: Path) -> None:
    assert _forbidden(module, "trainer", "tensorflow", "keras", "jax") == []


@pytest.mark.parametrize(("half", "layers"), [("beam_jobs", JOBS), ("trainer", TRAINER)], ids=["beam_jobs", "trainer"])
def test_packages_only_look_down(half: str, layers: tuple[str, ...]) -> None:
    wrong = []
    for number, layer in enumerate(layers):
        for package in layer.split():
            same = [other for other in layer.split() if other != package]
            above = [*same, *(name for higher in layers[number + 1 :] for name in higher.split())]
            for module in _modules(f"{half}/{package}"):
                found = _forbidden(module, *(f"{half}.{name}" for name in above))
                wrong += [f"{_name(module)} imports {name}" for name in found]
    assert wrong == []


@pytest.mark.parametrize("half", ["beam_jobs", "trainer"])
def test_every_package_has_a_layer(half: str) -> None:
    layers = {"beam_jobs": JOBS, "trainer": TRAINER}[half]
    packages = {path.parent.name for path in (ROOT / half).glob("*/__init__.py")}
    assert packages == {package for layer in layers for package in layer.split()}


def test_only_the_web_application_knows_the_web_libraries() -> None:
    web = ("starlette", "uvicorn", "anyio")
    knows = [_name(module) for module in _modules("trainer", "beam_jobs", "vocab") if _forbidden(module, *web)]
    assert knows == ["trainer.serving.app", "trainer.serving.http_server"]


SERVING_PURE = ("fields", "row_queue", "metrics", "admission", "settings")


@pytest.mark.parametrize("name", SERVING_PURE)
def test_what_serving_decides_knows_neither_a_network_nor_the_web(name: str) -> None:
    (module,) = _modules(f"trainer/serving/{name}.py")
    assert _forbidden(module, *HEAVY, "starlette", "uvicorn", "anyio", "asyncio") == []


def test_a_job_knows_nothing_of_another_job() -> None:
    names = sorted(path.parent.name for path in (ROOT / "beam_jobs" / "jobs").glob("*/__init__.py"))
    wrong = [
        f"{_name(module)} imports {found}"
        for name in names
        for module in _modules(f"beam_jobs/jobs/{name}")
        for found in _forbidden(module, *(f"beam_jobs.jobs.{other}" for other in names if other != name))
    ]
    assert wrong == []


@pytest.mark.parametrize("module", _modules("trainer"), ids=_name)
def test_the_trainer_uses_of_the_jobs_only_what_they_share(module: Path) -> None:
    assert _outside(module, SHARED) == []


@pytest.mark.parametrize("module", _modules("vocab"), ids=_name)
def test_vocab_uses_only_the_lowest_layers(module: Path) -> None:
    assert _forbidden(module, "trainer") == []
    assert _outside(module, LOWEST) == []


@pytest.mark.parametrize("module", _modules("beam_jobs/errors.py", "beam_jobs/console", "beam_jobs/storage"), ids=_name)
def test_the_lowest_layers_import_nothing_above_them(module: Path) -> None:
    assert _forbidden(module, "vocab", "trainer") == []
    assert _outside(module, LOWEST) == []


@pytest.mark.parametrize("module", _modules(*(f"beam_jobs/{name}" for name in FILELESS)), ids=_name)
def test_the_core_of_functions_opens_no_files(module: Path) -> None:
    assert _forbidden(module, "beam_jobs.storage") == []
