"""The front door: what run.sh does before anything of ours runs. Nothing is installed here."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(tmp_path, *arguments, pythons=(), **environment):
    """run.sh copied to an empty folder, with these stand-ins for Pythons on the PATH: (name, its version as a tuple)."""
    (tmp_path / "run.sh").write_bytes((ROOT / "run.sh").read_bytes())
    for name in ("requirements.lock", "setup.py"):
        (tmp_path / name).touch()
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, version in pythons:
        script = commands / name
        script.write_text(
            "#!/bin/bash\n"
            f'if [ "$1" = -c ]; then exec {sys.executable} -c '
            f'"import sys; sys.version_info = {version!r}; $2"; fi\n'
            f"echo {name} $* >&2\nexit 7\n"
        )
        script.chmod(0o755)
    for name in ("dirname", "cat", "cksum", "bash"):
        (commands / name).symlink_to(next(p for p in (Path("/usr/bin", name), Path("/bin", name)) if p.exists()))
    return subprocess.run(
        ["bash", str(tmp_path / "run.sh"), *arguments],
        env={"PATH": str(commands), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("argument", ["help", "-h", "--help"])
def test_help_needs_no_python(tmp_path, argument):
    done = run(tmp_path, argument)
    assert done.returncode == 0
    assert done.stdout.startswith("beambert: from raw text to a trained BERT")


def test_a_python_that_is_too_old_is_not_taken(tmp_path):
    done = run(tmp_path, "segment", pythons=[("python3", (3, 10, 9)), ("python3.12", (3, 12, 0))])
    assert "python3.12 -m venv" in done.stderr


def test_the_oldest_python_that_is_new_enough(tmp_path):
    assert "python3 -m venv" in run(tmp_path, "segment", pythons=[("python3", (3, 11, 0))]).stderr


def test_without_a_python_it_says_what_to_do(tmp_path):
    done = run(tmp_path, "segment", pythons=[("python3", (3, 9, 0))])
    assert done.returncode == 1
    assert "run.sh: no Python 3.11 or newer found; install one, or set PYTHON=" in done.stderr
