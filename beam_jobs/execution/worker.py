"""A worker process of a local run: Beam's own, but it goes when the process that started it goes.

Beam's workers wait for ever for a driver that was killed; ours must not outlive it, nor go on writing.
"""

import os
import sys
from pathlib import Path

from beam_jobs.console.interruption import leave_with_parent


def main() -> None:
    """Start watching the driver, then become Beam's worker.

    Beam prints every exception in the worker and raises it again, traceback and all, in the driver: once is enough.
    """
    sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115, for as long as the process lives
    leave_with_parent()
    from apache_beam.runners.worker.sdk_worker_main import main as beam_worker

    beam_worker(sys.argv)
    os._exit(0)  # the driver waits for every worker in turn, and taking gRPC down in good order takes half a second


if __name__ == "__main__":
    main()
