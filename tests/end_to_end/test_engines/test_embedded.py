"""The same bytes from Flink, Spark and Prism, each started for one job on this machine, with two workers in parallel."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from clusters import prism_server, worker_pool
from tools import FLINK_VERSION

ROOT = Path(__file__).parent.parent.parent.parent
PATIENCE_S = 120
Run = Callable[..., subprocess.CompletedProcess[str]]
Content = Callable[[Path], dict[str, object]]
Tool = Callable[..., Path]

ENGINES = ["flink", pytest.param("spark", marks=pytest.mark.long_engines), "prism"]
pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def settings(raw: Path, vocab_file: Path) -> list[object]:
    fixed = f"--input {raw} --vocab_file {vocab_file} --model_class bert_multi_cased --shard_mb 0.1"
    return [*fixed.split(), "--dev_fraction", "0.2"]


@pytest.fixture(scope="module")
def locally(tmp_path_factory: pytest.TempPathFactory, run: Run, settings: list[object], content: Content):
    """What the local runner makes."""
    output = tmp_path_factory.mktemp("locally")
    done = run("corpus", *settings, "--output", output)
    assert done.returncode == 0, done.stderr
    return content(output)


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory, run: Run, raw: Path, content: Content):
    """What the local runner makes of the same text as a vocabulary."""
    output = tmp_path_factory.mktemp("vocabulary")
    done = run("vocabulary", "--input", raw, "--vocab_size", 2000, "--output", output)
    assert done.returncode == 0, done.stderr
    return content(output)


@pytest.fixture
def flink(tool: Tool) -> list[str]:
    jar = tool("job_server", "flink")
    options = ["--engine=flink", f"--flink_version={FLINK_VERSION}", f"--flink_job_server_jar={jar}"]
    return [*options, "--parallelism=2"]


@pytest.fixture
def spark(tool: Tool) -> list[str]:
    jar = tool("job_server", "spark")
    return ["--engine=spark", f"--spark_job_server_jar={jar}", "--spark_master_url=local[2]"]


@pytest.fixture
def prism(tool: Tool) -> list[str]:
    return ["--engine=prism", f"--prism_location={tool('prism')}"]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_corpus(
    tmp_path: Path, run: Run, settings, content: Content, locally, process_workers: list[str], engine: str, request
) -> None:
    options = request.getfixturevalue(engine)
    done = run("corpus", *settings, "--output", tmp_path / "out", *options, *process_workers)
    assert done.returncode == 0, done.stderr[-3000:]
    assert content(tmp_path / "out") == locally


@pytest.mark.parametrize("engine", ENGINES)
def test_a_vocabulary_by_threads_of_the_driver(
    tmp_path: Path, run: Run, raw: Path, content: Content, vocabulary, engine: str, request
) -> None:
    options = [*request.getfixturevalue(engine), "--environment_type=LOOPBACK"]
    done = run("vocabulary", "--input", raw, "--vocab_size", 2000, "--output", tmp_path / "out", *options)
    assert done.returncode == 0, done.stderr[-3000:]
    assert content(tmp_path / "out") == vocabulary


def test_portable_workers_of_beam_itself(tmp_path: Path, run: Run, settings, content: Content, locally) -> None:
    start = f"{sys.executable} -m apache_beam.runners.worker.sdk_worker_main"
    options = ["--runner=PortableRunner", "--job_endpoint=embed", f"--environment_config={start}"]
    options += ["--environment_type=beam:env:harness_subprocess_python:v1"]
    done = run("corpus", *settings, "--output", tmp_path / "out", *options)
    assert done.returncode == 0, done.stderr[-3000:]
    assert content(tmp_path / "out") == locally


def test_the_job_server_ends_with_the_job(
    tmp_path: Path, command, raw: Path, prism: list[str], process_workers: list[str]
) -> None:
    mark = f"BEAMBERT_TEST={tmp_path}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "BEAMBERT_TEST": str(tmp_path)}
    job = [*command("segment", "--input", raw, "--output", tmp_path / "out"), *prism, *process_workers]
    assert subprocess.run(job, env=environment, capture_output=True, timeout=300).returncode == 0
    assert left(mark) == []


def test_the_job_server_ends_with_a_driver_that_is_killed(tmp_path: Path, command, raw: Path, prism: list[str]) -> None:
    mark = f"BEAMBERT_TEST={tmp_path}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "BEAMBERT_TEST": str(tmp_path)}
    never = ["--environment_type=PROCESS", f"--environment_option=process_command={shutil.which('true')}"]
    job = [*command("segment", "--input", raw, "--output", tmp_path / "out"), *prism, *never]
    driver = subprocess.Popen(job, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + PATIENCE_S
    while not any("job_port" in line for line in left(mark)) and time.monotonic() < end:
        time.sleep(0.1)
    assert driver.poll() is None
    driver.kill()
    driver.wait()
    while left(mark) and time.monotonic() < end:
        time.sleep(0.1)
    assert left(mark) == []


def left(mark: str) -> list[str]:
    """The command lines of the processes that have `mark` in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def test_prism_as_a_server_of_its_own(
    tmp_path: Path, run: Run, settings, content: Content, locally, process_workers: list[str], tool: Tool
) -> None:
    program = tool("prism")
    with prism_server(program, tmp_path / "prism") as server:
        options = ["--runner=PortableRunner", f"--job_endpoint={server.address}", *process_workers]
        done = run("corpus", *settings, "--output", tmp_path / "out", *options)
        assert done.returncode == 0, done.stderr[-3000:]
    assert content(tmp_path / "out") == locally


@pytest.mark.long_engines
def test_workers_of_a_pool(
    tmp_path: Path, run: Run, settings, content: Content, locally, worker_command: Path, tool: Tool
) -> None:
    program = tool("prism")
    with worker_pool(worker_command, tmp_path / "pool") as pool, prism_server(program, tmp_path / "prism") as server:
        options = ["--engine=prism", f"--job_endpoint={server.address}", "--environment_type=EXTERNAL"]
        options += [f"--environment_config={pool.address}"]
        done = run("corpus", *settings, "--output", tmp_path / "out", *options)
        assert done.returncode == 0, done.stderr[-3000:]
    assert content(tmp_path / "out") == locally
