"""A small part of the fault series, so that it keeps working; `series.py` says how to run all of it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_faults_change_no_file_and_none_is_silent() -> None:
    groups = ("replays", "zombies", "full_disk", "clocks")
    command = [sys.executable, str(ROOT / "tests/faults/series.py"), "--runs", "1"]
    command += [part for group in groups for part in ("--only", group)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("same files |") == 7, done.stdout
