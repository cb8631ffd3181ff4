"""A runner of Beam that is not our local one: with its job server, which ends with us, and its failures told in one line."""

import logging
import re
import shlex
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from apache_beam.options.pipeline_options import (
    JobServerOptions,
    PipelineOptions,
    PortableOptions,
    PrismRunnerOptions,
    StandardOptions,
)
from apache_beam.runners.portability.job_server import JobServer
from apache_beam.runners.portability.portable_runner import PortableRunner
from apache_beam.runners.runner import PipelineRunner, create_runner

from beam_jobs.console.our_module import module_command
from beam_jobs.engines.arguments import PAGE
from beam_jobs.engines.dataflow import dataflow_failure

_GUARD = module_command("beam_jobs.engines.guard")[1:]
_FAILED = re.compile(r"Pipeline \S+ failed in state (\w+): (.*)", re.DOTALL)
_REMEDIES = (
    ("Unable to parse jar URL", "the job server's jar does not exist; correct the option that names it"),
    (
        "Unable to fetch remote job server jar",
        "Beam cannot download its job server here; name the jar by --flink_job_server_jar or --spark_job_server_jar, or a "
        "job server that runs already by --job_endpoint",
    ),
    ("Service failed to start up", "Beam's job server ended at its start; look at what the same java -jar prints"),
    ("Unable to fetch remote prism binary", "Beam cannot download Prism here; name the program by --prism_location"),
    (
        "error=2, No such file or directory",
        "the machines of the engine do not have the command of --environment_option",
    ),
    (
        "remote task manager was lost",
        "Flink has lost a machine and has no restart strategy; the same command goes on where it stopped",
    ),
    (
        "java.net.ConnectException: Connection refused",
        "the engine's master does not answer; correct its address, or start it",
    ),
)
"""What Beam and its job servers say, and what it means for the user."""


@contextmanager
def remote_runner(options: PipelineOptions) -> Iterator[PipelineRunner]:
    """The runner that `options` name; the job server that Beam starts for it ends with the body, and with this process.

    The process ends without Python's clean-up (`run_as_process`), on which Beam relies.
    """
    logging.getLogger().addFilter(_is_told)
    runner = create_runner(options.view_as(StandardOptions).runner)
    servers: list[JobServer] = []
    with tempfile.TemporaryDirectory(prefix="beambert-") as folder:
        if isinstance(runner, PortableRunner):
            _guard_servers(options, Path(folder))
            _remember_servers(runner, servers)
        try:
            yield runner
        finally:
            for server in servers:
                server.stop()


def failure_in(error: Exception, options: PipelineOptions) -> str | None:
    """One line for a job that an engine could not begin or end; None where the error is none of an engine's."""
    text = f"{type(error).__name__}: {error}"
    if told := dataflow_failure(error, options):
        return told
    remedy = next((remedy for words, remedy in _REMEDIES if words in text), "")
    failed = _FAILED.search(text)
    if failed:
        told = " ".join(failed[2].split())[:300]
        return f"the engine ended the job as {failed[1]}: {told}; {remedy or f'see its own logs, and {PAGE}'}"
    if remedy:
        return f"{remedy} ({' '.join(str(error).split())[:300]})"
    if isinstance(error, (grpc.FutureTimeoutError, grpc.RpcError)):
        server = (
            f"at {endpoint}" if (endpoint := options.view_as(PortableOptions).job_endpoint) else "that Beam started"
        )
        return f"the job server {server} does not answer, or no more; see its log, and {PAGE}"
    return None


def _guard_servers(options: PipelineOptions, folder: Path) -> None:
    """Let the job server be started by our guard: Java by the options for it, Prism by a script in `folder`."""
    java, prism = options.view_as(JobServerOptions), options.view_as(PrismRunnerOptions)
    if prism.prism_log_kind == "console":  # the default, and Beam makes warnings of all that Prism logs
        prism.prism_log_kind = "json"
    java.job_server_jvm_properties = [*_GUARD, java.job_server_java_launcher, *java.job_server_jvm_properties]
    java.job_server_java_launcher = sys.executable
    program = Path(prism.prism_location or "")
    if program.is_file() and not zipfile.is_zipfile(program):
        script = folder / "prism"
        command = shlex.join([sys.executable, *_GUARD, str(program.absolute())])
        script.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        script.chmod(0o755)
        prism.prism_location = str(script)


def _is_told(record: logging.LogRecord) -> bool:
    """Whether a user wants to read what Beam logs: that its job server takes a second to start is no warning."""
    return "Waiting for grpc channel to be ready" not in str(record.msg)


def _remember_servers(runner: Any, servers: list[JobServer]) -> None:
    start = runner.default_job_server

    def remembered(options: PipelineOptions) -> JobServer:
        servers.append(start(options))
        return servers[-1]

    runner.default_job_server = remembered
