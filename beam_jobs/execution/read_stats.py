"""Reads `corpus_stats.json` of a finished output folder."""

from typing import Any

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.records import STATS_NAME, stats_from_json


def read_stats(output: str) -> dict[str, Any]:
    """The statistics in the folder. Raises UserError if they are damaged or a newer version wrote them."""
    path = storage.join(output, STATS_NAME)
    try:
        return stats_from_json(storage.read_bytes(path).decode(), path)
    except ValueError as error:
        raise UserError(
            f"{path}: holds no statistics ({error}); remove that folder and run the job that wrote it again"
        ) from error
