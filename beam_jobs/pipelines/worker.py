"""A worker process of a local run: Beam's own, but it goes when the process that started it goes.

Beam's workers wait for ever for a driver that was killed; ours must not outlive it, nor go on writing.
"""

import os
import sys
import threading
import time
from pathlib import Path

_LOOK_EVERY_S = 0.5


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_S)
    os._exit(1)


def main() -> None:
    """Start watching the driver, then become Beam's worker.

    Beam prints every exception in the worker and raises it again, traceback and all, in the driver: once is enough.
    """
    sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115, for as long as the process lives
    threading.Thread(target=_leave_with, args=(os.getppid(),), daemon=True, name="watch-driver").start()
    from apache_beam.runners.worker.sdk_worker_main import main as beam_worker

    beam_worker(sys.argv)
    os._exit(0)  # the driver waits for every worker in turn, and taking gRPC down in good order takes half a second


if __name__ == "__main__":
    main()
