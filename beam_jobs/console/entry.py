"""`beambert`, the command that `pip install` makes: every command of the jobs, the vocabulary and the trainer."""

import importlib
import sys


def beambert() -> None:
    """Run the command in the arguments of this process, and end the process with its status."""
    front = "trainer.__main__" if sys.argv[1:2] in (["trainer"], ["train"]) else "beam_jobs.__main__"
    importlib.import_module(front).run_command("beambert")
