import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from beam_jobs.console.our_module import module_command

ROOT = Path(__file__).parents[3]


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder of a user who has modules with our names."""
    for name in ("trainer", "vocab", "beam_jobs"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('the wrong {name}')\n")
    return tmp_path


def test_ours_runs_and_not_what_lies_in_the_working_directory(hostile: Path) -> None:
    done = subprocess.run(
        [*module_command("vocab"), "--help"], cwd=hostile, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "vocab lint" in done.stdout) == (0, True), done.stderr


def test_a_job_with_worker_processes_runs_there(hostile: Path) -> None:
    rows = [json.dumps({"text": f"Dette er dokument {i}. Det har to setninger."}) + "\n" for i in range(9)]
    for name in ("a.jsonl", "b.jsonl"):
        (hostile / name).write_text("".join(rows))
    words = ["segment", "--input", "a.jsonl", "b.jsonl", "--output", "out", "--direct_num_workers=2"]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [*module_command("beam_jobs"), *words]
    done = subprocess.run(command, cwd=hostile, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert (hostile / "out" / "corpus_stats.json").is_file()


def test_run_sh_starts_ours(hostile: Path) -> None:
    lines = [line for line in (ROOT / "run.sh").read_text().splitlines() if "exec " in line and "python" in line]
    assert lines
    assert all(" -P -m " in line for line in lines)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "trainer", "--help"],
        cwd=hostile,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "plan show" in done.stdout) == (0, True), done.stderr
