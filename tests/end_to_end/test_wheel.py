"""The wheel that `pip wheel` builds of this checkout: complete, and at work where a user's own modules have its names.

The packages that it needs are those of this environment; nothing is fetched.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_PACKAGES = ("beam_jobs", "trainer", "vocab")
_CLEAN = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy, because setuptools writes beside what it builds."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in _PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--no-index"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(folder), str(source)]
    subprocess.run(command, check=True, env=_CLEAN)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def beambert(wheel):
    """Runs the installed command in a folder, with the modules of the installed package and no others of that name."""
    site = wheel.parent / "site"
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-index", "--target", str(site)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(wheel)], check=True, env=_CLEAN)

    def run(folder, *arguments):
        command = [str(site / "bin" / "beambert"), *arguments]
        environment = {**_CLEAN, "PYTHONPATH": str(site), "COLUMNS": "100"}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def hostile(tmp_path):
    """A folder of a user whose own modules have the names of our packages, and end the process that imports them."""
    for name in _PACKAGES:
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('the wrong {name}.py')\n")
    return tmp_path


def test_every_file_of_the_packages_is_inside(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    ours = {
        path.relative_to(ROOT).as_posix()
        for name in _PACKAGES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name != "README.md"
    }
    assert ours - inside == set()
    for needed in ("beam_jobs/py.typed", "trainer/plans/demo.toml", "beam_jobs/inspection/page.html"):
        assert needed in inside
    assert any(name.startswith("beam_jobs/text/languages/") and name.endswith(".json") for name in inside)


def test_the_metadata_are_those_of_an_index(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (place,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        text = archive.read(place).decode()
        assert any("/LICENSE" in name for name in archive.namelist())
    for line in ("Name: beambert", "License: Apache-2.0", "Description-Content-Type: text/markdown", "# beambert"):
        assert line in text.splitlines()
    extras = {line.split(": ")[1] for line in text.splitlines() if line.startswith("Provides-Extra: ")}
    assert {"trainer", "serve", "gcp", "aws", "tpu", "cuda"} <= extras


def test_it_works_where_modules_of_the_user_have_its_names(beambert, hostile):
    assert "usage: beambert COMMAND" in beambert(hostile, "--help")
    assert "beambert vocab lint" in beambert(hostile, "vocab", "lint", "--help")
    assert beambert(hostile, "train", "plan", "show", "demo").startswith("demo  two layers of 128 units")
    (hostile / "raw.txt").write_text("Kari kom heim. Ho var sein.\nDet regna, og ho var våt.\n" * 40)
    options = (
        "--language",
        "nn",
        "--documents_are",
        "lines",
        "--dupe_factor",
        "2",
        "--vocab_size",
        "120",
        "--max_num_cpus",
        "2",
    )
    beambert(hostile, "corpus", "--input", "raw.txt", "--output", "made", *options)
    assert (hostile / "made" / "instances" / "manifest.json").is_file()
    assert "instances are right" in beambert(hostile, "inspect", "made/instances", "--check", "all")
