"""The recipes for images, which cannot be built here: what they copy is there, and their versions are those of the lock."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "docs/images").glob("*ockerfile"))
INSTRUCTIONS = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENTRYPOINT", "CMD"}


def instructions(recipe: Path) -> list[tuple[str, str]]:
    """The instructions of a recipe, with what follows them; lines that end in a backslash go on."""
    text = re.sub(r"\\\n\s*", " ", recipe.read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(maxsplit=1)) for line in lines]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_every_line_is_an_instruction_and_the_first_pins_its_image(recipe):
    found = instructions(recipe)
    assert {name for name, _ in found} <= INSTRUCTIONS
    assert found[0][0] == "FROM"
    assert re.fullmatch(r"[\w./]+:\d+\.\d+[\w.-]*", found[0][1])
    assert found[-1][0] in ("ENTRYPOINT", "CMD")


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_what_is_copied_is_there_and_holds_the_whole_package(recipe):
    copied = [name for kind, rest in instructions(recipe) if kind == "COPY" for name in rest.split()[:-1]]
    assert all((ROOT / name).exists() for name in copied)
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages | {"setup.py", "pyproject.toml", "requirements.lock", "README.md", "LICENSE"} == set(copied)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_the_extras_that_are_installed_exist_under_the_lock(recipe):
    (install,) = [rest for kind, rest in instructions(recipe) if kind == "RUN" and "pip install" in rest]
    assert "--constraint requirements.lock" in install
    extras = re.search(r"\.\[([\w,]+)\]", install)[1].split(",")
    assert all(f'"{extra}":' in (ROOT / "setup.py").read_text() for extra in extras)


def test_the_image_of_workers_has_the_beam_and_the_python_of_the_lock():
    image = instructions(ROOT / "docs/images/dataflow.Dockerfile")[0][1]
    lines = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if line.startswith("apache-beam")]
    (pin,) = Requirement(lines[0].partition(";")[0].strip()).specifier
    assert image == f"apache/beam_python3.11_sdk:{pin.version}"
    assert instructions(ROOT / "docs/images/Dockerfile")[0][1].startswith("python:3.11-")
