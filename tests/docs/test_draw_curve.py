"""The learning curve in the docs is the one that its script draws from the committed figures."""

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parent.parent.parent / "docs"


def test_the_committed_curve_is_what_the_script_draws():
    command = [sys.executable, DOCS / "draw_curve.py", DOCS / "learning_curve.csv"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (DOCS / "learning_curve.svg").read_text()
