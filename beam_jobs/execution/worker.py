"""A worker process of a local run. It is Beam's, but it ends when the process that started it has ended.

Beam's own workers wait for ever after their driver was killed. Ours must not outlive the driver or continue to write.
"""

import os
import sys
from pathlib import Path

from beam_jobs.console.interruption import leave_with_parent
from beam_jobs.engines.lean_beam import load_beam_lean


def main() -> None:
    """Start watching the driver, then become Beam's worker.

    Beam prints every exception in the worker, and raises it again with its traceback in the driver. So the worker's
    standard error is discarded.
    """
    sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115, for as long as the process lives
    leave_with_parent()
    load_beam_lean()
    from apache_beam.runners.worker.sdk_worker_main import main as beam_worker

    beam_worker(sys.argv)
    os._exit(0)  # an orderly end of gRPC takes half a second, and the driver waits for every worker in turn


if __name__ == "__main__":
    main()
