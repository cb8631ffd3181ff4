"""What the statistics and the last lines of a job say about duplicates, from the rows of the rounds."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.duplicate_rounds.removed import EXACT_COPY, NEAR_COPY, read_source_pairs
from beam_jobs.jobs.segment.job import SegmentJob

_SOURCE_PAIRS = 1000


def removed_rows(duplicate_rows: Iterable[ItemRow]) -> list[ItemRow]:
    """The rows of the rounds that leave text out: `removed`, and those that name themselves in `step`."""
    return [row for row in duplicate_rows if "blocks" in row]


def duplicates_stats(duplicate_rows: Iterable[ItemRow], job: SegmentJob) -> dict[str, Any]:
    """The entry `duplicates` of `corpus_stats.json`; only `mode`, the setting, if nothing was looked for.

    `exact` and `near` are the documents that were removed, or with `--duplicates=count` the exact copies that were found;
    `groups` the documents of which there are any, `largest_group` the most that are one with one of these, itself among
    them; and `by_source` the most frequent pairs [source of the kept document, source of the removed one, documents].
    """
    rows = list(duplicate_rows)
    mode = job.settings.duplicates
    if mode == "off":
        return {"mode": mode}
    removed = [row for row in removed_rows(rows) if "step" not in row]
    of_groups = [row for row in rows if "largest_group" in row and (mode == "count") == ("copies" in row)]
    groups = {
        "groups": sum(row["groups"] for row in of_groups),
        "largest_group": max((row["largest_group"] for row in of_groups), default=0),
    }
    if mode == "count":
        return {"mode": mode, "exact": sum(row["copies"] for row in of_groups), **groups}
    told: Counter[str] = Counter()
    sources: Counter[tuple[str, str]] = Counter()
    for row in removed:
        told.update(row["documents"])
        sources.update(read_source_pairs(row["index"], job.output))
    frequent = sorted(sources.items(), key=lambda item: (-item[1], item[0]))[:_SOURCE_PAIRS]
    near = {"near": told[NEAR_COPY]} if mode == "near" else {}
    by_source = [[*pair, count] for pair, count in frequent]
    return {"mode": mode, "exact": told[EXACT_COPY], **near, **groups, "by_source": by_source}


def duplicate_lines(stats: Mapping[str, Any]) -> list[str]:
    """Lines for users about duplicates, from the statistics of a corpus; none if there are none."""
    found = stats.get("duplicates")
    if not isinstance(found, dict) or not (copies := found.get("exact", 0) + found.get("near", 0)):
        return []
    documents = stats["documents"]
    if found["mode"] == "count":
        return [
            f"{copies:,} of {documents:,} documents ({copies / documents:.1%}) have the words of another one; "
            "--duplicates exact leaves such copies out, near also those that are nearly the same"
        ]
    share = copies / (copies + documents)
    kinds = f"{found['exact']:,} exact" + (f", {found['near']:,} near" if "near" in found else "")
    return [f"duplicates: {copies:,} documents ({share:.1%}; {kinds}), copies of {found['groups']:,} that stay"]
