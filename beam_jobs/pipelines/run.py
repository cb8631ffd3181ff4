"""Runs a pipeline on the runner the user names, on all cores of this machine when they name none."""

import logging
import os
import re
from collections.abc import Callable, Sequence

import apache_beam as beam
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions, SetupOptions, StandardOptions

from vocab.errors import UserError

_LOCAL_RUNNERS = (
    "",
    "DirectRunner",
    "FnApiRunner",
)  # Beam's DirectRunner looks for another runner on the network first
_USER_ERROR = re.compile(r"UserError: (.+?)(?: \[while running .*|\\n.*)?$", re.MULTILINE)


def pipeline_options(beam_arguments: Sequence[str], max_num_cpus: int) -> PipelineOptions:
    """Beam's options, with our local default: FnApiRunner with a worker process per core."""
    options = PipelineOptions(list(beam_arguments))
    standard, direct = options.view_as(StandardOptions), options.view_as(DirectOptions)
    runner = (standard.runner or "").rsplit(".", 1)[-1]
    if runner == "DaskRunner":
        raise UserError(
            "--runner=DaskRunner loses data in silence; leave --runner out to use all cores of this machine"
        )
    if runner in _LOCAL_RUNNERS:
        standard.runner = "FnApiRunner"
        if not any(argument.startswith("--direct_num_workers") for argument in beam_arguments):
            direct.direct_num_workers = local_workers(max_num_cpus)
        if direct.direct_num_workers != 1 and not any(a.startswith("--direct_running_mode") for a in beam_arguments):
            direct.direct_running_mode = "multi_processing"
    options.view_as(SetupOptions).save_main_session = False
    return options


def local_workers(max_num_cpus: int) -> int:
    """Worker processes on this machine: one per core we may use, or fewer if the user says so."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, max_num_cpus) if max_num_cpus else cores


def run_pipeline(build: Callable[[beam.Pipeline], object], options: PipelineOptions) -> None:
    """Build and run a pipeline and wait for its end; a UserError raised in a worker comes out as that UserError."""
    _quieten_beam()
    try:
        with beam.Pipeline(options=options) as pipeline:
            build(pipeline)
    except UserError:
        raise
    except Exception as error:
        message = user_error_in(str(error))
        if message is None:
            raise
        raise UserError(message) from error


def user_error_in(text: str) -> str | None:
    """The message of the UserError that a runner has wrapped in its own exception, if there is one."""
    found = _USER_ERROR.findall(text)
    return found[-1].strip() if found else None


def _quieten_beam() -> None:
    """Beam logs every stage and every worker's traceback; a user wants progress and one line."""
    logging.getLogger("apache_beam").setLevel(logging.CRITICAL)
