"""The steps of every launch: prepare the output folder, run the pipeline with its progress shown, close the job.

A job itself provides its pipeline, and what is printed at its end (`Ending`).
"""

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from beam_jobs.errors import UserError
from beam_jobs.execution.failures import forget_failures, raise_failures
from beam_jobs.execution.job import Job
from beam_jobs.execution.output_folder import finished_manifest, prepare_output, remove_work, write_output
from beam_jobs.execution.progress import shown_progress
from beam_jobs.execution.run_pipeline import local_workers, run_pipeline, workers_asked_for
from beam_jobs.execution.unfinished_run import is_finished
from beam_jobs.records import CONFIG_NAME, Manifest
from beam_jobs.settings.config_text import config_text
from beam_jobs.storage.retries import retried


@dataclass(frozen=True)
class Ending:
    """What is printed when a job has ended: a preview if there is one, a line of totals, and remarks.

    `line` receives the seconds that the job took, or None if they are not known. `remarks` receives whether this launch
    made the output, or an earlier one. The preview is shown only if this launch made the output.
    """

    line: Callable[[Manifest, float | None], str]
    remarks: Callable[[bool], None]
    preview: Callable[[], None] | None = None


def workers_for(options: PipelineOptions, max_num_cpus: int, work_bytes: float, items: int) -> int:
    """The number of workers: as the user asked, or as suits the amount of text, but at most one per item."""
    return workers_asked_for(options, min(local_workers(max_num_cpus, work_bytes), items))


def prepare_job(
    job: Job, ending: Ending, copies: Mapping[str, bytes] | None = None, reusable: tuple[str, str] = ("", "")
) -> Manifest | None:
    """Prepare the output folder for a run, and write its settings there, as a file for `--config`.

    If an earlier run has finished it, say so and return its manifest.

    Args:
        job: the job to be launched.
        ending: what is printed about a finished output.
        copies: files to write into the output folder, by name, because workers read them from there.
        reusable: a step of the job, and a hash of everything that its rows depend on, if that is less than `job.hash`.

    Raises:
        UserError: the folder cannot be used, see `prepare_output`.
    """
    copies = {CONFIG_NAME: config_text(job.settings).encode(), **(copies or {})}
    finished = retried(lambda: prepare_output(job.output, job.settings, job.hash, copies, reusable)).finished
    if finished is not None:
        print(f"{job.output} is finished already: {ending.line(finished, None)}")
        ending.remarks(False)
        return finished
    forget_failures(job.output)
    for name, data in copies.items():
        retried(partial(write_output, job.output, name, data))
    return None


def run_with_progress(
    build: Callable[[beam.Pipeline], object], options: PipelineOptions, workers: int, steps: Mapping[str, list[str]]
) -> None:
    """Run the pipeline to its end and show its progress. `steps` has the steps of each output folder, in order.

    If it fails because another run has finished an output, the work folder there is cleared, as that run has done before.
    """
    try:
        with shown_progress(dict(steps)):
            run_pipeline(build, options, workers)
    except Exception:
        for output in steps:
            with contextlib.suppress(Exception):  # the first exception is the one to be told
                if is_finished(output):
                    remove_work(output)
        raise


def close_job(job: Job, ending: Ending, timed: bool = True) -> Manifest:
    """After the pipeline: print the totals, remove the work folder and return the manifest.

    `timed` says that the pipeline ran this job alone, so that its time is that of the job.

    Raises:
        UserError: something failed in the pipeline; the work folder stays, so that the next run has less to do.
    """
    manifest = retried(lambda: finished_manifest(job.output))
    if manifest is None or manifest.settings_hash != job.hash:
        retried(lambda: raise_failures(job.output))
        raise UserError(
            f"--output {job.output} is not finished, and no worker has left a message there; run the same command again"
        )
    if ending.preview is not None:
        ending.preview()
    print(ending.line(manifest, max(time.time() - job.started, 0.0) if timed else None))
    ending.remarks(True)
    remove_work(job.output)
    return manifest
