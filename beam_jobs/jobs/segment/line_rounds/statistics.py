"""What the statistics and the last lines of a job say about repeated lines, from the rows of the rounds."""

from collections.abc import Iterable, Mapping
from typing import Any

from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.line_rounds.losses import STATISTIC


def line_rows(rows: Iterable[ItemRow]) -> list[ItemRow]:
    """The rows of the round `cut`, in its order."""
    return sorted((row for row in rows if row.get("step") == "cut"), key=lambda row: row["index"])


def repeated_lines_stats(totals: Mapping[str, Any], rows: Iterable[ItemRow], job: SegmentJob) -> dict[str, Any]:
    """The entry of `corpus_stats.json`; none without `--repeated_lines`.

    `lines` and `bytes` that were left out, of so many `documents`; `forms`, how many different ones there are, digits alike;
    and the `most_frequent` of these, [the text of one of them, the documents that it stood in].
    """
    if not job.settings.repeated_lines:
        return {}
    texts = [row for row in rows if "texts" in row]
    lost = {name: totals.get(STATISTIC, {}).get(name, 0) for name in ("lines", "bytes", "documents")}
    frequent = [list(one) for row in texts for one in row["texts"]]
    return {STATISTIC: {**lost, "forms": sum(row["forms"] for row in texts), "most_frequent": frequent}}


def repeated_lines_lines(stats: Mapping[str, Any]) -> list[str]:
    """A line for users, from the statistics of a corpus; none without `--repeated_lines`."""
    found = stats.get(STATISTIC)
    if not isinstance(found, dict):
        return []
    if not found["lines"]:
        return ["repeated lines: none is left out"]
    share = found["bytes"] / (found["bytes"] + stats["bytes_out"])
    text, documents = found["most_frequent"][0]
    return [
        f"repeated lines: {found['lines']:,} left out of {found['documents']:,} documents ({share:.2%} of the text; "
        f"{found['forms']:,} different ones), most often {text!r}, which stood in {documents:,} documents"
    ]
