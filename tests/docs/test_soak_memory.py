"""The picture of the soak is the one that the benchmark's script draws from the committed samples."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DRAW = ROOT / "tests" / "benchmarks" / "soaking" / "memory_plot.py"


def test_the_committed_picture_is_what_the_script_draws():
    done = subprocess.run([sys.executable, DRAW, ROOT / "docs" / "soak_memory.csv"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (ROOT / "docs" / "soak_memory.svg").read_text()
