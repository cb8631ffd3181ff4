"""A command that ends when the process that started it is gone: `python -m beam_jobs.engines.guard COMMAND...`.

Beam starts the job servers of Flink and Spark, Java programs, and leaves it to the end of Python to stop them. A driver that
is killed would leave them behind.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from types import FrameType

_LOOK_EVERY_S, _GRACE_S = 0.3, 3.0


def main(command: Sequence[str]) -> int:
    """Run `command` to its end, or until our parent is gone or a signal asks us to stop: its exit status."""
    parent = os.getppid()
    asked = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        asked.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    process = subprocess.Popen(command)
    while process.poll() is None:
        if asked.is_set() or os.getppid() != parent:
            _end(process)
        else:
            asked.wait(_LOOK_EVERY_S)
    return process.returncode


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
