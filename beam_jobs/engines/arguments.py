"""`--engine`: the options of Beam that each engine needs, so that a user names the engine and what only they can know."""

import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from beam_jobs.errors import UserError

RUNNERS = {
    "local": "",
    "dataflow": "DataflowRunner",
    "flink": "FlinkRunner",
    "spark": "SparkRunner",
    "prism": "PrismRunner",
}
"""The engines by the name of Beam's runner."""

PAGE = "docs/engines.md"
"""Where users read about the engines."""
WORKER = "beambert-worker"
"""The command that starts a worker, as it is installed beside Python."""

_KEPT_FOR_MS = 600_000  # Beam would start a new worker process for every bundle of every stage
_WITHIN = re.compile(r"|local(\[.*\])?|\[(local|auto)\]")  # addresses that mean this process
_ADDRESS = {"flink": "--flink_master", "spark": "--spark_master_url"}


def engine_arguments(engine: str, arguments: Sequence[str], python: str = sys.executable) -> list[str]:
    """The user's arguments for Beam, and before them those that `engine` needs and the user has not given.

    Args:
        engine: one of RUNNERS.
        arguments: the options of Beam as the user gave them.
        python: the Python whose `beambert-worker` an engine on this machine starts.

    Raises:
        UserError: the arguments name another runner, or leave out what only the user can know.
    """
    if _given("--runner", arguments):
        raise UserError(f"--engine {engine} and --runner say the same thing: give only one of them")
    added = [f"--runner={RUNNERS[engine]}"] if RUNNERS[engine] else []
    if engine in ("flink", "spark"):
        _require_java(engine, arguments)
    if engine in ("flink", "spark", "prism"):
        added += _worker_arguments(engine, arguments, python)
    return [*added, *arguments]


def _require_java(engine: str, arguments: Sequence[str]) -> None:
    java = _value("--job_server_java_launcher", arguments) or "java"
    if not _given("--job_endpoint", arguments) and shutil.which(java) is None:
        raise UserError(
            f"--engine {engine} starts Beam's job server, a Java program, but there is no {java} here: install Java 11 "
            "or 17, or name a job server that runs already by --job_endpoint HOST:PORT"
        )


def _worker_arguments(engine: str, arguments: Sequence[str], python: str) -> list[str]:
    added = []
    if not _given("--environment_cache_millis", arguments):
        added.append(f"--environment_cache_millis={_KEPT_FOR_MS}")
    if _given("--environment_type", arguments):
        return added
    if _is_elsewhere(engine, arguments):
        raise UserError(
            f"--engine {engine} on a cluster needs to know how its machines start workers: where they have this package, "
            f"add --environment_type=PROCESS --environment_option=process_command=/PATH/TO/{WORKER}; "
            f"{PAGE} has the other ways"
        )
    command = Path(python).parent / WORKER
    if command.exists():
        return [*added, "--environment_type=PROCESS", f"--environment_option=process_command={command}"]
    return [*added, "--environment_type=LOOPBACK"]


def _is_elsewhere(engine: str, arguments: Sequence[str]) -> bool:
    """Whether the job goes to a cluster or a server that the user has started."""
    address = _value(_ADDRESS.get(engine, "--"), arguments)
    return _given("--job_endpoint", arguments) or not _WITHIN.fullmatch(address)


def _given(name: str, arguments: Sequence[str]) -> bool:
    return any(argument == name or argument.startswith(f"{name}=") for argument in arguments)


def _value(name: str, arguments: Sequence[str]) -> str:
    """What the last `--name value` or `--name=value` says; empty when there is none."""
    value = ""
    for at, argument in enumerate(arguments):
        if argument.startswith(f"{name}="):
            value = argument.partition("=")[2]
        elif argument == name and at + 1 < len(arguments):
            value = arguments[at + 1]
    return value
