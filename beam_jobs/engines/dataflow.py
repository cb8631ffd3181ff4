"""What a user is told of a job on Dataflow: its id and its page, what the service says of it, and its failure in one line."""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions

_LOG = "apache_beam.runners.dataflow.dataflow_runner"  # where Beam logs the messages of the service
_FAILED = re.compile(r"Dataflow pipeline failed\. State: (\w+), Error:\n(.*)", re.DOTALL)
_MESSAGE = re.compile(r".*?: JOB_MESSAGE_(\w+): (.*)", re.DOTALL)  # time, importance, text
_SHOWN = 400
_REFUSED = {
    "DefaultCredentialsError": "run 'gcloud auth application-default login'",
    "RefreshError": "the credentials are no longer valid: run 'gcloud auth application-default login'",
    "Unauthorized": "run 'gcloud auth application-default login'",
    "Unauthenticated": "run 'gcloud auth application-default login'",
    "Forbidden": "enable the API (gcloud services enable dataflow.googleapis.com), and give your account the role "
    "dataflow.developer in --project",
    "PermissionDenied": "enable the API (gcloud services enable dataflow.googleapis.com), and give your account the role "
    "dataflow.developer in --project",
    "NotFound": "correct --project or --region",
    "BadRequest": "correct the option that it names",
    "InvalidArgument": "correct the option that it names",
    "TooManyRequests": "wait, or ask for a larger quota of the project",
    "ResourceExhausted": "wait, or ask for a larger quota of the project",
    "ServiceUnavailable": "the service cannot be reached; the same command tries again",
}
"""Exceptions of Google's clients when the service refuses a job, by their names, and the remedy."""


def job_page(job: str, project: str, region: str) -> str:
    """The page of a job in Google Cloud's console."""
    return f"https://console.cloud.google.com/dataflow/jobs/{region}/{job}?project={project}"


@contextmanager
def tell_of_job(result: Any, options: PipelineOptions) -> Iterator[None]:
    """Print the id and the page of a job that Dataflow has begun, and while the body waits, each warning of the service.

    Nothing is printed for a result of another runner.

    Args:
        result: what `Pipeline.run` returned.
        options: of the Beam runner.
    """
    if not getattr(result, "has_job", False):
        yield
        return
    google, job = options.view_as(GoogleCloudOptions), result.job_id()
    _tell(f"Dataflow has begun job {job}: {job_page(job, google.project, google.region)}")
    _tell(f"to end it: gcloud dataflow jobs cancel {job} --region {google.region} --project {google.project}")
    log, handler = logging.getLogger(_LOG), _OneLine()
    level, passed_on = log.level, log.propagate
    log.addHandler(handler)
    log.setLevel(logging.WARNING)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
        log.propagate = passed_on


def dataflow_failure(error: Exception, options: PipelineOptions) -> str | None:
    """One line for a job that Dataflow refused, or that failed or was cancelled there; None for other errors."""
    google = options.view_as(GoogleCloudOptions)
    failed = _FAILED.search(str(error))
    if failed:
        job = getattr(error, "result", None)
        page = f"; {job_page(job.job_id(), google.project, google.region)}" if job is not None else ""
        state, told = failed[1], "" if failed[2] == "None" else f": {one_line(failed[2])}"
        return f"Dataflow ended the job as {state}{told}; the same command goes on where it stopped{page}"
    package, name = type(error).__module__, type(error).__name__
    remedy = _REFUSED.get(name) if package.startswith(("google.api_core", "google.auth")) else None
    return f"Dataflow: {one_line(str(error))} ({name}); {remedy}" if remedy else None


def one_line(text: str) -> str:
    """A message in one line; of a traceback, its last line, which has the exception."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    raised = [line for line in lines if re.match(r"[\w.]+(Error|Exception|Interrupt)\b", line)]
    whole = raised[-1] if raised and any(line.startswith("Traceback") for line in lines) else " ".join(lines)
    return whole if len(whole) <= _SHOWN else f"{whole[:_SHOWN]}..."


class _OneLine(logging.Handler):
    """Prints what the service says of a job, each message in one line, the same message once."""

    def __init__(self) -> None:
        super().__init__()
        self._told: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        found = _MESSAGE.fullmatch(text)
        line = one_line(found[2] if found else text)
        if not line.startswith("Console URL") and line not in self._told:
            self._told.add(line)
            _tell(f"{record.levelname.lower()}: Dataflow: {line}")


def _tell(line: str) -> None:
    print(f"beambert: {line}", file=sys.stderr, flush=True)
