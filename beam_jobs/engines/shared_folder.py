"""Proves that a worker sees the folder that the driver writes to: on a cluster, a local path may be another disk."""

import socket
from pathlib import Path
from typing import TypeVar

from beam_jobs.engines.arguments import PAGE
from beam_jobs.errors import UserError
from beam_jobs.records import WORK_FOLDER
from beam_jobs.storage.paths import is_remote

T = TypeVar("T")


def require_shared(element: T, output: str) -> T:
    """`element`, after a look at the work folder that the driver has made. For `beam.Map`, behind a `Reshuffle`.

    Raises UserError if it is not there. The runner carries the error to the driver, which reads no notes of this machine.
    """
    if not is_remote(output) and not Path(output, WORK_FOLDER).is_dir():
        raise UserError(
            f"the worker on {socket.gethostname()} does not see --output {output}, where the driver has begun the job: "
            f"name a bucket, or a folder that is mounted at the same path on every machine, see {PAGE}"
        )
    return element
