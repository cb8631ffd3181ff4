"""Which runner, how many processes, and what comes out when they fail."""

import subprocess
import sys

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import DirectOptions

from beam_jobs.errors import UserError
from beam_jobs.execution import run_pipeline as run
from beam_jobs.execution.run_pipeline import local_workers, pipeline_options, run_pipeline, workers_asked_for


def _fail(_: object) -> None:
    raise UserError("a.txt is bad; mend it")


def _break(_: object) -> None:
    raise ValueError("a defect of ours")


def test_a_small_job_takes_few_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run.os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert local_workers(0, 1e12) == 8
    assert local_workers(3, 1e12) == 3
    assert local_workers(100, 1e12) == 8
    assert local_workers(0, 1000) == 1
    assert local_workers(0, 50e6) == 3


def test_dask_is_refused() -> None:
    with pytest.raises(UserError, match="DaskRunner loses data"):
        pipeline_options(["--runner=apache_beam.runners.dask.dask_runner.DaskRunner"])


@pytest.mark.parametrize("runner", [[], ["--runner=DirectRunner"], ["--runner=FnApiRunner"]])
def test_the_local_runner_is_always_the_same(runner: list[str]) -> None:
    options = pipeline_options(runner)
    with run._runner(options, 1) as chosen:
        assert type(chosen).__name__ == "FnApiRunner"


@pytest.mark.parametrize(
    ("arguments", "workers"),
    [
        ([], 4),
        (["--direct_num_workers=1"], 1),
        (["--direct_num_workers", "7"], 7),
        (["--direct_num_workers=0"], 4),
        (["--direct_running_mode=in_memory"], 1),
        (["--direct_running_mode=multi_threading"], 4),
        (["--direct_running_mode=multi_processing", "--direct_num_workers=2"], 2),
    ],
)
def test_the_user_says_how_many_workers(arguments: list[str], workers: int) -> None:
    options = pipeline_options(arguments)
    assert workers_asked_for(options, 4) == workers
    run._local_runner(options, workers)
    assert options.view_as(DirectOptions).direct_num_workers == workers


def test_worker_processes_are_our_own_also_where_the_mode_is_named() -> None:
    options = pipeline_options(["--direct_running_mode=multi_processing"])
    runner = run._local_runner(options, 2)
    assert "beam_jobs.execution.worker" in runner._default_environment.command_string
    assert options.view_as(DirectOptions).direct_running_mode == "in_memory"


def test_another_runner_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    with run._runner(pipeline_options(["--runner=FlinkRunner"]), 4) as runner:
        assert type(runner).__name__ == "FlinkRunner"


@pytest.mark.parametrize(("function", "error"), [(_fail, UserError), (_break, ValueError)])
def test_what_a_worker_raises(function: object, error: type) -> None:
    with pytest.raises(error, match=r"a\.txt is bad; mend it|a defect of ours") as raised:
        run_pipeline(lambda p: p | beam.Create([1]) | beam.Map(function), pipeline_options([]), workers=1)
    if error is UserError:
        assert str(raised.value) == "a.txt is bad; mend it"


_DIES = """
import os, signal, sys
import apache_beam as beam
from beam_jobs.execution.run_pipeline import pipeline_options, run_pipeline
from beam_jobs.errors import UserError

try:
    die = lambda _: os.kill(os.getpid(), signal.SIGKILL)
    run_pipeline(lambda p: p | beam.Create([1, 2]) | beam.Reshuffle() | beam.Map(die), pipeline_options([]), 2)
except UserError as error:
    print(error)
sys.stdout.flush()
os._exit(0)
"""


def test_a_worker_that_dies_is_told_in_one_line() -> None:
    done = subprocess.run([sys.executable, "-c", _DIES], capture_output=True, text=True, timeout=120)
    assert "a worker process died" in done.stdout + done.stderr
    assert done.returncode in (0, 2)
    assert "Traceback" not in done.stderr


def test_the_workers_of_a_remote_engine_are_not_those_of_this_machine() -> None:
    assert workers_asked_for(pipeline_options(["--runner=BundleBasedDirectRunner"]), 4) == 0
