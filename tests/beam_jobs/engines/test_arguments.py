import shutil

import pytest

from beam_jobs.engines.arguments import RUNNERS, engine_arguments
from beam_jobs.errors import UserError


@pytest.fixture(autouse=True)
def java(monkeypatch):
    """Java is here, whatever the machine has."""
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")


@pytest.fixture
def python(tmp_path):
    """A Python with our worker installed beside it."""
    (tmp_path / "beambert-worker").touch()
    return str(tmp_path / "python")


def test_local_adds_nothing():
    assert engine_arguments("local", ["--direct_num_workers=2"]) == ["--direct_num_workers=2"]


def test_dataflow_is_a_name_for_its_runner():
    assert engine_arguments("dataflow", ["--project=p"]) == ["--runner=DataflowRunner", "--project=p"]


@pytest.mark.parametrize("engine", ["flink", "spark", "prism"])
def test_on_this_machine_an_engine_starts_the_installed_worker_and_keeps_it(engine, python):
    command = python.replace("python", "beambert-worker")
    assert engine_arguments(engine, ["--parallelism=2"], python) == [
        f"--runner={RUNNERS[engine]}",
        "--environment_cache_millis=600000",
        "--environment_type=PROCESS",
        f"--environment_option=process_command={command}",
        "--parallelism=2",
    ]


def test_without_an_installed_worker_the_driver_works_itself(tmp_path):
    assert engine_arguments("prism", [], str(tmp_path / "python"))[-1] == "--environment_type=LOOPBACK"


@pytest.mark.parametrize(
    ("engine", "address"),
    [
        ("flink", ["--flink_master", "[local]"]),
        ("flink", ["--flink_master=[auto]"]),
        ("spark", ["--spark_master_url=local[2]"]),
    ],
)
def test_an_engine_within_this_machine_by_its_address(engine, address, python):
    assert "--environment_type=PROCESS" in engine_arguments(engine, address, python)


@pytest.mark.parametrize(
    ("engine", "address"),
    [
        ("flink", ["--flink_master=cluster:8081"]),
        ("flink", ["--flink_master", "localhost:8081"]),
        ("spark", ["--spark_master_url=spark://cluster:7077"]),
        ("prism", ["--job_endpoint=cluster:8073"]),
    ],
)
def test_a_cluster_has_to_be_told_how_workers_start(engine, address, python):
    with pytest.raises(UserError, match=r"process_command=/PATH/TO/beambert-worker"):
        engine_arguments(engine, address, python)
    given = [*address, "--environment_type=EXTERNAL", "--environment_config=localhost:50000"]
    added = [f"--runner={RUNNERS[engine]}", "--environment_cache_millis=600000"]
    assert engine_arguments(engine, given, python) == [*added, *given]


def test_what_the_user_gives_is_not_given_twice(python):
    given = ["--environment_type=LOOPBACK", "--environment_cache_millis", "5"]
    assert engine_arguments("spark", given, python) == ["--runner=SparkRunner", *given]


@pytest.mark.parametrize("runner", [["--runner=FlinkRunner"], ["--runner", "DirectRunner"]])
def test_a_runner_beside_the_engine_is_refused(runner):
    with pytest.raises(UserError, match="--engine spark and --runner say the same thing"):
        engine_arguments("spark", runner)


def test_a_job_server_needs_java_or_runs_already(monkeypatch, python):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(UserError, match=r"there is no java here: install Java 11 or 17, or name a job server"):
        engine_arguments("flink", [], python)
    with pytest.raises(UserError, match="there is no /opt/java here"):
        engine_arguments("spark", ["--job_server_java_launcher=/opt/java"], python)
    assert engine_arguments("prism", [], python)
    assert engine_arguments("flink", ["--job_endpoint=localhost:8099", "--environment_type=LOOPBACK"], python)
