"""Writes and reads `corpus_stats.json`, the last file of a job, and makes the entries that are common to all jobs."""

import time
from collections.abc import Mapping
from typing import Any

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.execution.job import Job
from beam_jobs.execution.output_folder import require_written, write_output
from beam_jobs.execution.unfinished_run import require_in_charge
from beam_jobs.execution.versions import versions
from beam_jobs.records import MANIFEST_NAME, STATS_NAME, Manifest, stats_from_json, stats_to_json
from beam_jobs.settings import to_json


def launch_stats(job: Job) -> dict[str, Any]:
    """The first entries: the time that the job took, its settings and its folders.

    Time and folders belong to this launch. Nothing else in a corpus depends on them.
    """
    settings = to_json(job.settings)
    inputs = settings.pop("input")
    settings.pop("output")
    return {
        "time_taken_min": max(time.time() - job.started, 0.0) / 60,  # the worker's clock may be behind the driver's
        **settings,
        "data_dir": inputs[0] if len(inputs) == 1 else inputs,
        "output_dir": job.output,
    }


def origin_stats(job: Job) -> dict[str, Any]:
    """The last entries: the origin of the output bytes, that is settings, input and versions of packages."""
    return {"settings_hash": job.hash, "versions": versions()}


def write_manifest_and_stats(output: str, manifest: Manifest, stats: Mapping[str, Any]) -> None:
    """Write the last two files of a job. The statistics come last, so an output folder that has them is finished.

    Raises UserError if a shard of the manifest is not there as it was written, or another run has taken over or
    finished the output folder.
    """
    require_in_charge(output, manifest.settings_hash)
    require_written(output, manifest)
    write_output(output, MANIFEST_NAME, _encode(manifest.to_json()))
    write_output(output, STATS_NAME, _encode(stats_to_json(stats)))


def read_stats(output: str) -> dict[str, Any]:
    """The statistics in the folder. Raises UserError if they are damaged or a newer version wrote them."""
    path = storage.join(output, STATS_NAME)
    try:
        return stats_from_json(storage.read_bytes(path).decode(), path)
    except ValueError as error:
        raise UserError(
            f"{path}: holds no statistics ({error}); remove that folder and run the job that wrote it again"
        ) from error


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")  # escapes the bytes of a path that are not UTF-8
