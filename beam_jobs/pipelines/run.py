"""Runs a pipeline on the runner the user names, on all cores of this machine when they name none."""

import logging
import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import apache_beam as beam
import grpc
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions, StandardOptions
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.runners.runner import PipelineRunner
from apache_beam.transforms.environments import SubprocessSDKEnvironment

from beam_jobs.transforms.failures import user_error_in
from vocab.errors import UserError

_LOCAL_RUNNERS = (
    "",
    "DirectRunner",
    "FnApiRunner",
)  # Beam's DirectRunner looks for another runner on the network first
_CHANNEL_CLOSED = "Channel closed prematurely"  # Beam's words when a worker goes in the middle of its output
_WORKER_DIED = (
    "a worker process died, most likely for want of memory; the same command goes on where it stopped, "
    "with fewer processes if you add --max_num_cpus"
)
_GRACE_S, _PATIENCE_S = 2.0, 15.0
_BYTES_PER_WORKER = 16e6  # a worker takes seconds to start: less work than this is done sooner by one process less


def pipeline_options(beam_arguments: Sequence[str]) -> PipelineOptions:
    """The options of the Beam runner that the user gave.

    Raises:
        UserError: the runner is one that is known to lose data.
    """
    options = PipelineOptions(list(beam_arguments))
    if _runner_name(options) == "DaskRunner":
        raise UserError(
            "--runner=DaskRunner loses data in silence; leave --runner out to use all cores of this machine"
        )
    FileSystems.set_options(options)  # inputs are listed before the pipeline runs, with the same credentials
    return options


def local_workers(max_num_cpus: int, work_bytes: float) -> int:
    """Worker processes for this much text on this machine: one per core we may use, fewer for a small job."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    allowed = min(cores, max_num_cpus) if max_num_cpus else cores
    return max(1, min(allowed, round(work_bytes / _BYTES_PER_WORKER)))


def run_pipeline(build: Callable[[beam.Pipeline], object], options: PipelineOptions, workers: int) -> None:
    """Build a pipeline, run it and wait for its end; `workers` processes where the runner is our local one.

    Raises:
        UserError: a worker process died, or raised one that it could not leave in the output folder; see
            `transforms/failures.py`.
    """
    logging.getLogger("apache_beam").setLevel(logging.CRITICAL)  # a user wants our progress and our one line
    runner = _runner(options, workers)
    pipeline = beam.Pipeline(runner=runner, options=options)
    build(pipeline)
    with _noticing_dead_workers() as died:
        try:
            pipeline.run().wait_until_finish()
        except KeyboardInterrupt:
            if died.is_set():
                raise UserError(_WORKER_DIED) from None
            raise
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            message = user_error_in(text) or (_WORKER_DIED if died.is_set() or _CHANNEL_CLOSED in text else None)
            if message is None:
                raise
            raise UserError(message) from error


@contextmanager
def _noticing_dead_workers() -> Iterator[threading.Event]:
    """Interrupt the main thread when a worker process dies: Beam's local runner would wait for it for ever.

    Beam's thread that waits for the process raises; nobody listens there but `threading.excepthook`.
    """
    died, left = threading.Event(), threading.Event()
    hook_before = threading.excepthook

    def hook(arguments: threading.ExceptHookArgs) -> None:
        if "Worker subprocess exited" in str(arguments.exc_value):
            died.set()
            if not left.wait(_GRACE_S):  # Beam may have noticed by itself
                os.kill(os.getpid(), signal.SIGINT)
            if not left.wait(_PATIENCE_S):  # Beam waits for the other workers even so: they leave when we do
                print(f"beambert: error: {_WORKER_DIED}", file=sys.stderr, flush=True)
                os._exit(2)
        elif not isinstance(arguments.exc_value, grpc.RpcError):  # the broken connection to that worker
            hook_before(arguments)

    threading.excepthook = hook
    try:
        yield died
    finally:
        left.set()
        threading.excepthook = hook_before


def _runner(options: PipelineOptions, workers: int) -> PipelineRunner | str | None:
    standard, direct = options.view_as(StandardOptions), options.view_as(DirectOptions)
    if _runner_name(options) not in _LOCAL_RUNNERS:
        return standard.runner
    standard.runner = "FnApiRunner"
    chosen = options.get_all_options(drop_default=True)
    if "direct_running_mode" in chosen:  # Beam's own ways to run, for those who ask for them
        return FnApiRunner()
    direct.direct_num_workers = chosen.get("direct_num_workers", workers)
    if direct.direct_num_workers == 1:
        return FnApiRunner()
    command = f"exec {shlex.quote(sys.executable)} -m beam_jobs.pipelines.worker"
    return FnApiRunner(SubprocessSDKEnvironment.from_command_string(command_string=command))


def _runner_name(options: PipelineOptions) -> str:
    return (options.view_as(StandardOptions).runner or "").rsplit(".", 1)[-1]
