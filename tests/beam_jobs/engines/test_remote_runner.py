import logging
import re
import shlex
import shutil
from pathlib import Path

import grpc
import pytest
from apache_beam.options.pipeline_options import JobServerOptions, PipelineOptions, PrismRunnerOptions
from apache_beam.runners.portability.job_server import JobServer

from beam_jobs.console.our_module import module_command
from beam_jobs.engines.remote_runner import failure_in, remote_runner

NOTHING = PipelineOptions([])


class Server(JobServer):
    def __init__(self):
        self.stopped = 0

    def start(self):
        raise NotImplementedError

    def stop(self):
        self.stopped += 1


def test_java_is_started_by_our_guard():
    options = PipelineOptions(["--runner=FlinkRunner", "--job_server_jvm_properties=-Xmx1g"])
    with remote_runner(options) as runner:
        assert type(runner).__name__ == "FlinkRunner"
    java = options.view_as(JobServerOptions)
    command = [java.job_server_java_launcher, *java.job_server_jvm_properties]
    assert command == [*module_command("beam_jobs.engines.guard"), "java", "-Xmx1g"]


def test_prism_is_started_by_our_guard():
    program = shutil.which("echo")
    options = PipelineOptions(["--runner=PrismRunner", f"--prism_location={program}"])
    with remote_runner(options):
        script = Path(options.view_as(PrismRunnerOptions).prism_location)
        assert (
            script.read_text()
            == f'#!/bin/sh\nexec {shlex.join(module_command("beam_jobs.engines.guard"))} {program} "$@"\n'
        )
    assert not script.exists()


@pytest.mark.parametrize("location", ["", "https://example.org/prism.zip"])
def test_a_prism_that_beam_downloads_stays_its_own(location):
    options = PipelineOptions(["--runner=PrismRunner", *([f"--prism_location={location}"] if location else [])])
    with remote_runner(options):
        assert (options.view_as(PrismRunnerOptions).prism_location or "") == location


def test_the_job_server_is_stopped_at_the_end(monkeypatch):
    server = Server()
    monkeypatch.setattr(
        "apache_beam.runners.portability.flink_runner.FlinkRunner.default_job_server", lambda self, options: server
    )
    with remote_runner(PipelineOptions(["--runner=FlinkRunner"])) as runner:
        assert runner.default_job_server(NOTHING) is server
        assert not server.stopped
    assert server.stopped == 1


def test_a_runner_without_a_job_server_keeps_the_options():
    options = PipelineOptions(["--runner=BundleBasedDirectRunner"])
    with remote_runner(options):
        assert options.view_as(JobServerOptions).job_server_java_launcher == "java"


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (
            ValueError('Unable to parse jar URL "/x.jar". If'),
            r"the job server's jar does not exist; correct .* \(Unable",
        ),
        (
            RuntimeError("Unable to fetch remote job server jar at https: 404"),
            r"name the jar by --flink_job_server_jar",
        ),
        (
            RuntimeError("Service failed to start up with error 1"),
            "ended at its start; look at what the same java -jar",
        ),
        (RuntimeError("Unable to fetch remote prism binary at x"), "name the program by --prism_location"),
        (
            RuntimeError(
                "Pipeline a-1 failed in state FAILED: java.io.IOException: error=2, No such file or directory"
            ),
            r"the engine ended the job as FAILED: java\.io\.IOException.*; the machines .* do not have the command",
        ),
        (
            RuntimeError("Pipeline a failed in state FAILED: java.net.ConnectException: Connection refused"),
            r"Connection refused; the engine's master does not answer; correct its address",
        ),
        (
            RuntimeError(
                "Pipeline a failed in state FAILED: This might indicate that the remote task manager was lost."
            ),
            "has no restart strategy; the same command goes on where it stopped$",
        ),
        (
            RuntimeError("Pipeline a failed in state CANCELLED: by\nsomebody"),
            r"^the engine ended the job as CANCELLED: by somebody; see its own logs, and docs/engines\.md$",
        ),
    ],
)
def test_failures_of_engines_in_one_line(told, message):
    line = failure_in(told, NOTHING)
    assert "\n" not in line
    assert re.search(message, line)


def test_a_job_server_that_does_not_answer():
    options = PipelineOptions(["--runner=PortableRunner", "--job_endpoint=localhost:1"])
    assert failure_in(grpc.FutureTimeoutError(), options).startswith(
        "the job server at localhost:1 does not answer, or no more"
    )


def test_other_errors_are_none_of_an_engine():
    assert failure_in(ZeroDivisionError("division by zero"), NOTHING) is None


def test_a_job_server_that_is_gone():
    assert failure_in(grpc.RpcError(), NOTHING).startswith("the job server that Beam started does not answer")


def test_a_job_server_that_starts_is_no_warning(caplog):
    with remote_runner(PipelineOptions(["--runner=BundleBasedDirectRunner"])):
        logging.log(logging.WARNING, "Waiting for grpc channel to be ready at %s.", "localhost:1")
        logging.log(logging.WARNING, "something else")
    assert [record.getMessage() for record in caplog.records] == ["something else"]


def test_prism_logs_in_a_form_that_beam_does_not_pass_on():
    options = PipelineOptions(["--runner=PrismRunner"])
    with remote_runner(options):
        assert options.view_as(PrismRunnerOptions).prism_log_kind == "json"
