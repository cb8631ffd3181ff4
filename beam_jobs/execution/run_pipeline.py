"""Runs a pipeline on the runner that the user names, or else on all cores of this machine."""

import argparse
import logging
import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType

import apache_beam as beam
import grpc
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions, StandardOptions
from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner
from apache_beam.runners.runner import PipelineRunner, create_runner
from apache_beam.transforms.environments import SubprocessSDKEnvironment

from beam_jobs.console.interruption import IGNORED_BY_HELPERS
from beam_jobs.console.our_module import module_command
from beam_jobs.engines.dataflow import tell_of_job
from beam_jobs.engines.preflight import LOCAL_RUNNERS, runner_name
from beam_jobs.engines.remote_runner import failure_in, remote_runner
from beam_jobs.errors import UserError
from beam_jobs.execution.beam_arguments import check_beam_arguments
from beam_jobs.execution.failures import user_error_in

_CHANNEL_CLOSED = "Channel closed prematurely"  # Beam's message if a worker ends in the middle of its output
_WORKER_DIED = (
    "a worker process died, most likely for want of memory; the same command goes on where it stopped, "
    "with fewer processes if you add --max_num_cpus"
)
_GRACE_S, _PATIENCE_S = 2.0, 3.0
_BYTES_PER_WORKER = 16e6  # a worker takes seconds to start, so it must save more than that


def pipeline_options(beam_arguments: Sequence[str]) -> PipelineOptions:
    """The options for the Beam runner, as the user gave them.

    Raises:
        UserError: Beam does not know an option or take its value, or the runner is one that is known to lose data.
    """
    check_beam_arguments(beam_arguments)
    options = PipelineOptions(list(beam_arguments))
    if runner_name(options) == "DaskRunner":
        raise UserError(
            "--runner=DaskRunner loses data in silence; leave --runner out to use all cores of this machine"
        )
    if _asked(options).direct_num_workers < 0:
        raise UserError("--direct_num_workers must not be negative; 0 leaves the number to the job")
    if not _is_local(options):
        _require_runner(options.view_as(StandardOptions).runner)
    FileSystems.set_options(options)  # inputs are listed before the pipeline runs, and need the credentials too
    return options


def local_workers(max_num_cpus: int, work_bytes: float) -> int:
    """The number of worker processes for this amount of text: one per core that may be used, fewer for a small job."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    allowed = min(cores, max_num_cpus) if max_num_cpus else cores
    return max(1, min(allowed, round(work_bytes / _BYTES_PER_WORKER)))


def workers_asked_for(options: PipelineOptions, workers: int) -> int:
    """The number of workers: `--direct_num_workers` if the user gave it and it is not 0, else `workers`.

    `--direct_running_mode=in_memory` alone means one worker. A remote engine has as many as it has; the number here is 0.
    """
    if not _is_local(options):
        return 0
    asked = _asked(options)
    return asked.direct_num_workers or (1 if asked.direct_running_mode == "in_memory" else workers)


def run_pipeline(build: Callable[[beam.Pipeline], object], options: PipelineOptions, workers: int) -> None:
    """Build a pipeline, run it and wait for its end. The local runner uses `workers` processes.

    Raises:
        UserError: a worker process died, or a worker raised a UserError that it could not write to the output folder;
            see `execution/failures.py`.
    """
    logging.getLogger("apache_beam").setLevel(logging.CRITICAL)  # users see our progress and our error line instead
    local = _is_local(options)
    with _runner(options, workers) as runner, _noticing_dead_workers() as died:
        pipeline = beam.Pipeline(runner=runner, options=options)
        build(pipeline)
        try:
            result = pipeline.run()
            with tell_of_job(result, options):
                result.wait_until_finish()
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            if text.startswith("RuntimeError: KeyboardInterrupt"):  # what Beam makes of a KeyboardInterrupt in a worker
                raise KeyboardInterrupt from error
            message = user_error_in(text) or (_WORKER_DIED if died.is_set() or _CHANNEL_CLOSED in text else None)
            if not local:
                message = message or failure_in(error, options)
            if message is None:
                raise
            raise UserError(message) from error


class _WorkerDiedError(Exception):
    """Raised in the main thread while it waits for a worker process that has died."""


@contextmanager
def _noticing_dead_workers() -> Iterator[threading.Event]:
    """Wake the main thread when a worker process dies. Beam's local runner would wait for it for ever.

    The thread of Beam that watches the process raises an exception, which only `threading.excepthook` sees. Only a
    signal can wake a waiting main thread; SIGUSR1 is used for this while the pipeline runs.
    """
    died, left = threading.Event(), threading.Event()
    hook_before = threading.excepthook
    in_main_thread = threading.current_thread() is threading.main_thread()

    def wake(number: int, frame: FrameType | None) -> None:
        if died.is_set() and not left.is_set():
            raise _WorkerDiedError

    def hook(arguments: threading.ExceptHookArgs) -> None:
        if "Worker subprocess exited" in str(arguments.exc_value):
            died.set()
            if not left.wait(_GRACE_S) and in_main_thread:  # gives Beam time to notice it
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
            if not left.wait(_PATIENCE_S):  # Beam still waits for the other workers; they end with this process
                print(f"beambert: error: {_WORKER_DIED}", file=sys.stderr, flush=True)
                os._exit(2)
        elif not isinstance(arguments.exc_value, grpc.RpcError):  # a broken connection to the dead worker
            hook_before(arguments)

    threading.excepthook = hook
    handler_before = signal.signal(signal.SIGUSR1, wake) if in_main_thread else None
    try:
        yield died
    finally:
        left.set()
        threading.excepthook = hook_before
        if in_main_thread:
            signal.signal(signal.SIGUSR1, handler_before)


def _runner(options: PipelineOptions, workers: int) -> AbstractContextManager[PipelineRunner]:
    return nullcontext(_local_runner(options, workers)) if _is_local(options) else remote_runner(options)


def _is_local(options: PipelineOptions) -> bool:
    return runner_name(options) in LOCAL_RUNNERS


def _local_runner(options: PipelineOptions, workers: int) -> PipelineRunner:
    standard, direct = options.view_as(StandardOptions), options.view_as(DirectOptions)
    standard.runner = "FnApiRunner"
    direct.direct_num_workers = workers
    if _asked(options).direct_running_mode in ("in_memory", "multi_threading"):
        return FnApiRunner()
    direct.direct_running_mode = "in_memory"  # otherwise Beam starts worker processes that outlive this one
    if workers == 1:
        return FnApiRunner()
    command = f"{IGNORED_BY_HELPERS}; exec {shlex.join(module_command('beam_jobs.execution.worker'))}"
    return FnApiRunner(SubprocessSDKEnvironment.from_command_string(command_string=command))


def _asked(options: PipelineOptions) -> argparse.Namespace:
    """The user's options about local workers, without Beam's defaults, which would ask for one worker in memory."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--direct_num_workers", type=int, default=0)
    parser.add_argument("--direct_running_mode", default="")
    return parser.parse_known_args(options._flags)[0]


def _require_runner(name: str) -> None:
    try:
        create_runner(name)
    except (ValueError, ImportError, AttributeError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"--runner {name} cannot be used: {reason}; leave it out to use this machine") from error
