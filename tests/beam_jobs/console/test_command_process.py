"""Streams and exit status of a command, each time in a process of its own: the descriptors are the process's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CODE = (
    "import sys; from beam_jobs.console.command_process import run_as_process; from beam_jobs.errors import UserError\n"
)


def _run(main: str, **more: object) -> subprocess.CompletedProcess[str]:
    code = f"{CODE}def main(arguments):\n    {main}\nrun_as_process(main, 'stopped')"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more.pop("env", {})}
    return subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, env=environment, **more)


@pytest.mark.parametrize(
    ("main", "status", "error"),
    [
        ("return 0", 0, ""),
        ("return 1", 1, ""),
        ("sys.exit(2)", 2, ""),
        ("sys.exit()", 0, ""),
        ("raise UserError('a.txt is bad; mend it')", 2, "beambert: error: a.txt is bad; mend it\n"),
    ],
)
def test_exit_status(main: str, status: int, error: str) -> None:
    done = _run(main)
    assert (done.returncode, done.stderr) == (status, error)


def test_a_defect_keeps_its_traceback() -> None:
    done = _run("return 1 // 0")
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("ZeroDivisionError: integer division or modulo by zero\n")


def test_a_reader_that_has_seen_enough_does_not_end_the_work(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        work = f"print('x' * 100_000); open({str(tmp_path / 'done')!r}, 'w').close(); print('y', flush=True); return 0"
        done = _run(work, stdout=writer)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "done").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("main", ["print('x'); return 0", "print('x', flush=True); return 0"])
def test_output_that_does_not_fit_on_the_disk_is_told(main: str) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = _run(main, stdout=full)
    error = "beambert: error: cannot write to standard output: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, error)


def test_any_character_can_be_shown() -> None:
    done = _run("print('bl\\xe5b\\xe6r \\udcff'); return 0", stdout=subprocess.PIPE, env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "bl\\xe5b\\xe6r \\udcff\n")


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_streams_are_not_mistaken_for_files(tmp_path: Path, closed: tuple[int, ...]) -> None:
    path = tmp_path / "file"
    main = f"file = open({str(path)!r}, 'w'); file.write('text'); file.close(); print(file); print(file, file=sys.stderr); return 0"
    arguments = " ".join(f"{number}>&-" for number in closed)
    code = f"{CODE}def main(arguments):\n    {main}\nrun_as_process(main, 'stopped')"
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" "$@" {arguments}', sys.executable, "-c", code],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0
    assert path.read_text() == "text"
