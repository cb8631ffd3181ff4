import logging

import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.dataflow.dataflow_runner import DataflowRuntimeException
from google.api_core.exceptions import Forbidden

from beam_jobs.engines.dataflow import dataflow_failure, one_line, tell_of_job

OPTIONS = PipelineOptions(["--project=p", "--region=r"])
TRACE = """Traceback (most recent call last):
  File "x.py", line 3, in work
ValueError: a defect [while running 'segment a range']
"""


class Result:
    has_job = True

    def job_id(self):
        return "2026-7"


def test_the_job_and_what_the_service_says_of_it(capsys):
    log = logging.getLogger("apache_beam.runners.dataflow.dataflow_runner")
    before = (log.level, log.propagate, list(log.handlers))
    with tell_of_job(Result(), OPTIONS):
        for _ in range(2):
            log.error("2026-01-01 00:00:00+00:00: JOB_MESSAGE_ERROR: %s", TRACE)
        log.warning("2026-01-01 00:00:00+00:00: JOB_MESSAGE_WARNING: a worker\nis slow")
        log.info("2026-01-01 00:00:00+00:00: JOB_MESSAGE_BASIC: fine")
    assert (log.level, log.propagate, list(log.handlers)) == before
    assert capsys.readouterr().err.splitlines() == [
        "beambert: Dataflow has begun job 2026-7: https://console.cloud.google.com/dataflow/jobs/r/2026-7?project=p",
        "beambert: to end it: gcloud dataflow jobs cancel 2026-7 --region r --project p",
        "beambert: error: Dataflow: ValueError: a defect [while running 'segment a range']",
        "beambert: warning: Dataflow: a worker is slow",
    ]


def test_other_results_are_not_told(capsys):
    with tell_of_job(object(), OPTIONS):
        pass
    assert capsys.readouterr().err == ""


def test_a_job_that_failed():
    error = DataflowRuntimeException(f"Dataflow pipeline failed. State: FAILED, Error:\n{TRACE}", Result())
    assert dataflow_failure(error, OPTIONS) == (
        "Dataflow ended the job as FAILED: ValueError: a defect [while running 'segment a range']; the same command goes "
        "on where it stopped; https://console.cloud.google.com/dataflow/jobs/r/2026-7?project=p"
    )
    cancelled = DataflowRuntimeException("Dataflow pipeline failed. State: CANCELLED, Error:\nNone", Result())
    assert dataflow_failure(cancelled, OPTIONS).startswith("Dataflow ended the job as CANCELLED; the same command")


def test_a_job_that_was_refused():
    told = dataflow_failure(Forbidden("Dataflow API has not been used in project p before"), OPTIONS)
    assert told.startswith(
        "Dataflow: 403 Dataflow API has not been used in project p before (Forbidden); enable the API"
    )
    assert dataflow_failure(ValueError("x"), OPTIONS) is None


@pytest.mark.parametrize(
    ("text", "line"), [("a\n  b\n", "a b"), (TRACE, TRACE.splitlines()[-1]), ("x" * 500, "x" * 400 + "...")]
)
def test_one_line(text, line):
    assert one_line(text) == line
