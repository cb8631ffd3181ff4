"""A member of a standalone cluster is killed in the middle of a job; the job recovers, with the bytes of the local runner."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from clusters import Cluster, flink_cluster, spark_cluster
from tools import FLINK_VERSION

ROOT = Path(__file__).parent.parent.parent.parent
Run = Callable[..., subprocess.CompletedProcess[str]]
Content = Callable[[Path], dict[str, object]]
Tool = Callable[..., Path]

pytestmark = [pytest.mark.engines, pytest.mark.long_engines]

PATIENCE_S = 500


@pytest.fixture(scope="module")
def settings(raw: Path, vocab_file: Path) -> list[object]:
    """A dozen shards and some seconds of work, so that there is a middle of the job."""
    fixed = f"--input {raw} --vocab_file {vocab_file} --model_class bert_multi_cased --shard_mb 0.03 --dupe_factor 20"
    return [*fixed.split(), "--dev_fraction", "0.2", "--max_predictions_per_seq", "20"]


@pytest.fixture(scope="module")
def locally(tmp_path_factory: pytest.TempPathFactory, run: Run, settings: list[object], content: Content):
    """What the local runner makes."""
    output = tmp_path_factory.mktemp("locally")
    done = run("corpus", *settings, "--output", output)
    assert done.returncode == 0, done.stderr
    return content(output)


def rows(output: Path) -> int:
    """How many instance shards are done so far."""
    return len(list(output.glob("instances/_work/instances/*.json")))


def run_and_kill_a_member(command: list[str], output: Path, cluster: Cluster) -> tuple[int, str]:
    """Kill a member that has workers when two shards are done: the exit status of the job and what it printed."""
    log = output.parent / "job.log"
    with log.open("wb") as file:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        job = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=environment)
    end = time.monotonic() + PATIENCE_S
    while job.poll() is None and rows(output) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    done = rows(output)
    busy = [member for member in cluster.members[1:] if member.has_workers()]
    assert busy, log.read_text()[-2000:]
    busy[0].kill()
    assert job.poll() is None, f"the job ended before a member was killed: {log.read_text()[-2000:]}"
    try:
        status = job.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        job.kill()
        status = -1
    assert done >= 2, log.read_text()[-2000:]
    return status, log.read_text()[-3000:]


def test_flink_goes_on_when_a_task_manager_is_killed(
    tmp_path: Path, command, settings, content: Content, locally, process_workers: list[str], tool: Tool
) -> None:
    jar, home = tool("job_server", "flink"), tool("flink_home")
    output = tmp_path / "out"
    with flink_cluster(home, tmp_path / "flink") as cluster:
        options = ["--engine=flink", f"--flink_version={FLINK_VERSION}", f"--flink_job_server_jar={jar}"]
        options += [f"--flink_master={cluster.address}", "--parallelism=2", *process_workers]
        job = command("corpus", *settings, "--output", output, *options)
        status, told = run_and_kill_a_member(job, output, cluster)
        manager = (tmp_path / "flink" / "job-manager.log").read_text()
    assert status == 0, told
    assert "switched from state RUNNING to RESTARTING" in manager, manager[-3000:]
    assert content(output) == locally


def test_spark_goes_on_when_a_worker_is_killed(
    tmp_path: Path, command, settings, content: Content, locally, process_workers: list[str], tool: Tool
) -> None:
    jar, home = tool("job_server", "spark"), tool("spark_home")
    output = tmp_path / "out"
    with spark_cluster(home, tmp_path / "spark") as cluster:
        guava = next(jar.parent.glob("lib/guava-*.jar"))  # Spark has an old one
        options = ["--engine=spark", f"--spark_job_server_jar={jar}", f"--spark_master_url={cluster.address}"]
        options += [f"--job_server_jvm_properties=-Dspark.executor.extraClassPath={guava}"]
        job = command("corpus", *settings, "--output", output, *options, *process_workers)
        status, told = run_and_kill_a_member(job, output, cluster)
    assert status == 0, told
    assert content(output) == locally


def test_a_job_that_a_cluster_has_given_up_goes_on_elsewhere(
    tmp_path: Path, command, run: Run, settings, content: Content, locally, process_workers: list[str], tool: Tool
) -> None:
    jar, home = tool("job_server", "flink"), tool("flink_home")
    output = tmp_path / "out"
    with flink_cluster(home, tmp_path / "flink", restart_strategy="none") as cluster:
        options = ["--engine=flink", f"--flink_version={FLINK_VERSION}", f"--flink_job_server_jar={jar}"]
        options += [f"--flink_master={cluster.address}", "--parallelism=2", *process_workers]
        job = command("corpus", *settings, "--output", output, *options)
        status, told = run_and_kill_a_member(job, output, cluster)
    assert status == 2, told
    last = told.splitlines()[-1]
    assert last.startswith("beambert: error: the engine ended the job as FAILED: ")
    done = rows(output)
    assert done >= 2
    assert run("corpus", *settings, "--output", output).returncode == 0
    assert content(output) == locally
