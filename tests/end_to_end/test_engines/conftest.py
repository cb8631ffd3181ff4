"""How the tests of the engines get their tools and start a job; without a tool they are skipped with one line."""

import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import tools

ROOT = Path(__file__).parent.parent.parent.parent


@pytest.fixture(scope="session")
def tool() -> Callable[..., Path]:
    """A tool by the name of its function in tools.py; skips the test when it cannot be had."""

    def get(name: str, *arguments: str) -> Path:
        try:
            return getattr(tools, name)(*arguments)
        except tools.ToolMissingError as error:
            pytest.skip(str(error))

    return get


@pytest.fixture(scope="session")
def worker_command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that starts our worker, as the installed `beambert-worker` does."""
    path = tmp_path_factory.mktemp("worker") / "beambert-worker"
    start = f"exec {shlex.quote(sys.executable)} -m beam_jobs.engines.boot"
    path.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} {start} "$@"\n')
    path.chmod(0o755)
    return path


@pytest.fixture(scope="session")
def process_workers(worker_command: Path) -> list[str]:
    """The options that make an engine start our worker as a process of its own."""
    return ["--environment_type=PROCESS", f"--environment_option=process_command={worker_command}"]
