"""Standalone clusters on this machine, as a user starts them: each member a process of its own, which can be killed."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import EXPORTED, OPENED

_PATIENCE_S = 120
_JAVA_17 = [f"--add-exports=java.base/{package}=ALL-UNNAMED" for package in EXPORTED]
_JAVA_17 += [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED]
_FLINK_CONFIG = """\
jobmanager.rpc.address: 127.0.0.1
jobmanager.rpc.port: {rpc}
jobmanager.bind-host: 127.0.0.1
rest.address: 127.0.0.1
rest.port: {rest}
rest.bind-address: 127.0.0.1
taskmanager.bind-host: 127.0.0.1
taskmanager.host: 127.0.0.1
taskmanager.numberOfTaskSlots: 2
taskmanager.cpu.cores: 1.0
taskmanager.memory.framework.heap.size: 128m
taskmanager.memory.framework.off-heap.size: 128m
taskmanager.memory.jvm-metaspace.size: 256m
taskmanager.memory.jvm-overhead.min: 192m
taskmanager.memory.jvm-overhead.max: 192m
taskmanager.memory.task.heap.size: 384m
taskmanager.memory.task.off-heap.size: 64m
taskmanager.memory.managed.size: 128m
taskmanager.memory.network.min: 320m
taskmanager.memory.network.max: 320m
cluster.evenly-spread-out-slots: true
heartbeat.interval: 1000
heartbeat.timeout: 10000
io.tmp.dirs: {folder}
restart-strategy.type: {restart_strategy}
restart-strategy.fixed-delay.attempts: 10
restart-strategy.fixed-delay.delay: 1 s
"""


class ClusterError(Exception):
    """A member did not come up, or is gone; the message says which and ends with what it logged last."""


@dataclass
class Member:
    """A process of a cluster, and where it logs."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """kill -9, for this process and the Java processes that it has started; the workers are left to themselves."""
        for number in (self.process.pid, *(n for n, line in _descendants(self.process.pid) if b"java" in line[0])):
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self.process.wait()

    def has_workers(self) -> bool:
        """Whether workers of ours run below it."""
        return any(b"beam_jobs.engines.boot" in line for _, line in _descendants(self.process.pid))

    def last_lines(self) -> str:
        """What it logged last."""
        return " | ".join(self.log.read_text(errors="replace").splitlines()[-5:])


@dataclass
class Cluster:
    """A running cluster: its address for Beam, and its members, the master first."""

    address: str
    members: list[Member]


@contextlib.contextmanager
def flink_cluster(
    home: Path, folder: Path, task_managers: int = 2, restart_strategy: str = "fixed-delay"
) -> Iterator[Cluster]:
    """A job manager and task managers of two slots each.

    Args:
        home: the folder of the distribution.
        folder: for their configuration and logs.
        task_managers: how many.
        restart_strategy: what Flink does when a task has failed; "none" fails the job.

    Raises:
        ClusterError: it did not come up.
    """
    rpc, rest = _free_ports(2)
    (folder / "conf").mkdir(parents=True)
    config = _FLINK_CONFIG.format(rpc=rpc, rest=rest, folder=folder, restart_strategy=restart_strategy)
    (folder / "conf" / "config.yaml").write_text(config)
    log = (
        "rootLogger.level=INFO\nrootLogger.appenderRef.out.ref=out\nappender.out.name=out\nappender.out.type=CONSOLE\n"
    )
    log += "appender.out.layout.type=PatternLayout\nappender.out.layout.pattern=%d{HH:mm:ss,SSS} %-5p %c{1} %m%n\n"
    (folder / "conf" / "log4j.properties").write_text(log)
    java = ["java", "-Xmx768m", *_JAVA_17, f"-Dlog4j.configurationFile={folder}/conf/log4j.properties"]
    java += ["-cp", f"{home}/lib/*"]
    started = []
    places = [("job-manager", "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint")]
    places += [
        (f"task-manager-{n}", "org.apache.flink.runtime.taskexecutor.TaskManagerRunner") for n in range(task_managers)
    ]
    with _stopping(started):
        for name, main_class in places:
            started.append(_start(name, [*java, main_class, "--configDir", f"{folder}/conf"], folder))
        _wait(f"http://127.0.0.1:{rest}/overview", lambda told: told["slots-total"] == 2 * task_managers, started)
        yield Cluster(f"127.0.0.1:{rest}", started)


@contextlib.contextmanager
def spark_cluster(home: Path, folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """A Spark master and workers of two cores each, started through `spark-class`.

    Raises:
        ClusterError: it did not come up.
    """
    port, web = _free_ports(2)
    folder.mkdir(parents=True)
    spark_class = [f"{home}/bin/spark-class"]
    master = f"spark://127.0.0.1:{port}"
    options = ["--host", "127.0.0.1", "--port", str(port), "--webui-port", str(web)]
    started: list[Member] = []
    with _stopping(started):
        started.append(_start("master", [*spark_class, "org.apache.spark.deploy.master.Master", *options], folder))
        _wait(f"http://127.0.0.1:{web}/json/", lambda told: told["status"] == "ALIVE", started)
        for n in range(workers):
            options = ["--host", "127.0.0.1", "--cores", "2", "--memory", "1g", "--webui-port", "0"]
            options += ["--work-dir", str(folder / f"worker-{n}"), master]
            started.append(
                _start(f"worker-{n}", [*spark_class, "org.apache.spark.deploy.worker.Worker", *options], folder)
            )
        _wait(f"http://127.0.0.1:{web}/json/", lambda told: told["aliveworkers"] == workers, started)
        yield Cluster(master, started)


@contextlib.contextmanager
def prism_server(program: Path, folder: Path) -> Iterator[Cluster]:
    """Prism as a process of its own, which takes jobs at its address.

    Raises:
        ClusterError: it did not come up.
    """
    (port,) = _free_ports(1)
    folder.mkdir(parents=True)
    started: list[Member] = []
    with _stopping(started):
        started.append(_start("prism", [str(program), f"--job_port={port}", "--serve_http=false"], folder))
        _wait_for_port(port, started)
        yield Cluster(f"localhost:{port}", started)


@contextlib.contextmanager
def worker_pool(worker_command: Path, folder: Path) -> Iterator[Cluster]:
    """Beam's worker pool, which starts our workers when an engine asks for them.

    Raises:
        ClusterError: it did not come up.
    """
    (port,) = _free_ports(1)
    folder.mkdir(parents=True)
    started: list[Member] = []
    with _stopping(started):
        command = [sys.executable, "-m", "apache_beam.runners.worker.worker_pool_main", f"--service_port={port}"]
        started.append(_start("pool", [*command, f"--container_executable={worker_command}"], folder))
        _wait_for_port(port, started)
        yield Cluster(f"localhost:{port}", started)


def _start(name: str, command: list[str], folder: Path) -> Member:
    log = folder / f"{name}.log"
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_DIRS": str(folder)}
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=environment)
    return Member(name, process, log)


@contextlib.contextmanager
def _stopping(members: list[Member]) -> Iterator[None]:
    """Stop what has been started, the master last, and wait until it is gone."""
    try:
        yield
    finally:
        for member in reversed(members):
            member.process.terminate()
            try:
                member.process.wait(20)
            except subprocess.TimeoutExpired:
                member.kill()


def _wait(url: str, ready: Callable[[dict[str, Any]], bool], members: list[Member]) -> None:
    def asked() -> bool:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return ready(json.load(answer))

    _wait_until(asked, members)


def _wait_for_port(port: int, members: list[Member]) -> None:
    def asked() -> bool:
        with socket.create_connection(("localhost", port), timeout=5):
            return True

    _wait_until(asked, members)


def _wait_until(ready: Callable[[], bool], members: list[Member]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while True:
        with contextlib.suppress(OSError, ValueError, KeyError):
            if ready():
                return
        for member in members:
            if member.process.poll() is not None:
                status = member.process.returncode
                raise ClusterError(f"{member.name} ended with status {status}: {member.last_lines()}")
        if time.monotonic() > end:
            told = "; ".join(f"{member.name}: {member.last_lines()}" for member in members)
            raise ClusterError(f"the cluster is not ready after {_PATIENCE_S} s: {told}")
        time.sleep(0.2)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _descendants(ancestor: int) -> list[tuple[int, list[bytes]]]:
    """(id, command line) of the processes that this one has started, and of those that they have started."""
    parents, lines = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            lines[int(folder.name)] = (folder / "cmdline").read_bytes().split(b"\0")
    found, ancestors = [], {ancestor}
    while more := {number for number, parent in parents.items() if parent in ancestors} - ancestors:
        found += sorted(more)
        ancestors |= more
    return [(number, lines[number]) for number in found if number in lines]
