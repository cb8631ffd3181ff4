"""`--help` and a slip load only what they need: Beam, numba, JAX and the like are loaded by a command that runs."""

import subprocess
import sys

HEAVY = (
    "apache_beam",
    "grpc",
    "jax",
    "keras",
    "numba",
    "numpy",
    "orbax",
    "pyarrow",
    "rich",
    "tensorflow",
    "tokenizers",
)
_CODE = f"""
import contextlib, io, sys
from beam_jobs.console.commands import COMMANDS
from beam_jobs.__main__ import main
import trainer.__main__, vocab.__main__, beam_jobs.console.entry

lines = [[], ["--help"], ["--hlp"], ["segmnt"], ["trainer"], ["trainer", "--help"], ["trainer", "plan", "shw"], ["vocab"]]
for command in COMMANDS:
    lines += [[*command.words, "--help"], [*command.words, "--no_such_flag"], [*command.words, "--runer=x"]]
for line in lines:
    for front, words in ((main, line), (trainer.__main__.main, line[1:])):
        if front is not main and line[:1] != ["trainer"]:
            continue
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as said:
            try:
                status = front(words)
            except SystemExit as end:
                status = end.code
        assert status == (0 if not line or "--help" in line else 2), (line, status, said.getvalue())
        loaded = [name for name in {HEAVY} if name in sys.modules]
        assert not loaded, (line, loaded)
"""


def test_help_and_slips_load_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", _CODE], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
