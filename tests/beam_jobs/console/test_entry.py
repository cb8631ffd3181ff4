"""`beambert`, the command that `pip install` makes."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def _beambert(*arguments: str) -> subprocess.CompletedProcess[str]:
    """As the script that pip writes does it."""
    code = "import sys; sys.argv[0] = 'beambert'; from beam_jobs.console.entry import beambert; sys.exit(beambert())"
    return subprocess.run([sys.executable, "-c", code, *arguments], check=False, capture_output=True, text=True)


def test_the_package_names_it() -> None:
    (module, function) = re.search(r'"beambert = ([\w.]+):(\w+)"', (ROOT / "setup.py").read_text()).groups()
    assert callable(getattr(import_module(module), function))


@pytest.mark.parametrize(
    ("arguments", "status", "shown"),
    [
        (["--help"], 0, "usage: beambert COMMAND"),
        (["segment", "--help"], 0, "usage: beambert segment [-h]"),
        (["trainer", "--help"], 0, "usage: beambert trainer COMMAND"),
        (["trainer", "plan", "list"], 0, "notram_mbert "),
        (["train", "plan", "list"], 0, "notram_mbert "),
        (["train", "pretrian"], 2, "trainer: error: there is no command 'trainer pretrian'; did you mean pretrain?"),
        (["vocab", "lint", "--help"], 0, "usage: beambert vocab lint [-h]"),
        (["trainer", "pretrian"], 2, "trainer: error: there is no command 'trainer pretrian'; did you mean pretrain?"),
        (["trainer", "plan", "show", "dmo"], 2, "trainer plan: error: no plan 'dmo'"),
        (["segmnt"], 2, "beambert: error: there is no command 'segmnt'; did you mean segment?"),
    ],
)
def test_it_runs_every_command(arguments: list[str], status: int, shown: str) -> None:
    done = _beambert(*arguments)
    assert done.returncode == status
    assert shown in (done.stderr if status else done.stdout)
    assert done.stderr.count("\n") == (1 if status else 0)


def test_it_runs_a_command_to_its_end(tmp_path: Path) -> None:
    vocabulary = tmp_path / "vocab.txt"
    vocabulary.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"]) + "\n")
    done = _beambert("vocab", "lint", "--vocab_file", str(vocabulary))
    assert done.returncode == 0
    assert "6 pieces" in done.stdout
    assert done.stdout.endswith("no errors\n")
