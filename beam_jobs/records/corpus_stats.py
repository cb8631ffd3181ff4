"""`corpus_stats.json`: how a finished corpus was made and what it holds, for people and for the last lines of jobs."""

import json
from collections.abc import Mapping
from typing import Any

from beam_jobs.records.format_number import FORMAT, require_known_format
from beam_jobs.records.readable_json import readable_json

STATS_FORMAT = 1


def stats_to_json(stats: Mapping[str, Any]) -> str:
    """The text of `corpus_stats.json`. Its format number comes last, because people read the file from the top."""
    return readable_json({**stats, FORMAT: STATS_FORMAT}) + "\n"


def stats_from_json(text: str, path: str) -> dict[str, Any]:
    """The statistics in the text of the file at `path`.

    Raises:
        UserError: they have a newer format.
        ValueError: the text holds no statistics.
    """
    try:
        content = json.loads(text)
    except ValueError as error:
        raise ValueError(f"not valid JSON: {error}") from error
    if not isinstance(content, dict):
        raise ValueError("it holds no JSON object")
    require_known_format(content, STATS_FORMAT, path)
    return content
