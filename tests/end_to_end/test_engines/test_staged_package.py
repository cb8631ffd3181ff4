"""A worker that has nothing but the package a driver sends to it, as on Dataflow, writes the same bytes."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent.parent
INSTALL_S = 600

pytestmark = [pytest.mark.engines, pytest.mark.long_engines]


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the source distribution that `--setup_file` makes, and what pip installs with it."""
    folder = tmp_path_factory.mktemp("staged")
    build = [sys.executable, "setup.py", "-q", "egg_info", "--egg-base", folder, "sdist", "--dist-dir", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=INSTALL_S)
    (package,) = folder.glob("*.tar.gz")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True, timeout=INSTALL_S)
    python = folder / "venv" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S)
    if done.returncode:
        pytest.skip(f"pip cannot install the package here: {done.stderr.splitlines()[-1:]}")
    return python


def test_a_worker_with_the_staged_package(
    tmp_path: Path, run: Callable, raw: Path, vocab_file: Path, content: Callable, bare_python: Path
) -> None:
    settings = ["--input", raw, "--vocab_file", vocab_file, "--model_class", "bert_multi_cased", "--shard_mb", "0.1"]
    done = run("corpus", *settings, "--output", tmp_path / "locally")
    assert done.returncode == 0, done.stderr
    # -P and env -u: neither this checkout nor its environment is on the worker's path
    start = f"env -u PYTHONPATH {bare_python} -P -m apache_beam.runners.worker.sdk_worker_main"
    options = ["--runner=PortableRunner", "--job_endpoint=embed", f"--environment_config={start}"]
    options += ["--environment_type=beam:env:harness_subprocess_python:v1"]
    done = run("corpus", *settings, "--output", tmp_path / "staged", *options)
    assert done.returncode == 0, done.stderr[-3000:]
    assert content(tmp_path / "staged") == content(tmp_path / "locally")


def test_what_is_not_installed(bare_python: Path) -> None:
    look = "import importlib.util as u; print([n for n in ('tensorflow', 'jax', 'keras', 'torch') if u.find_spec(n)])"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [bare_python, "-c", look], cwd="/", env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
