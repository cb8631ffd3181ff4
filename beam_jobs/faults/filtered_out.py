"""What the filters of a whole job took: its statistics, its limit, and the lines that tell users about it."""

from collections.abc import Mapping, Sequence
from typing import Any

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.records import FILTERED_FOLDER

_REASONS_SHOWN = 4


def filtered_stats(totals: Mapping[str, Any]) -> dict[str, Any]:
    """The entry `filtered` of `corpus_stats.json`: documents and bytes of the input by reason."""
    sizes = totals.get("filtered_bytes", {})
    return {
        reason: {"documents": count, "bytes": sizes.get(reason, 0)}
        for reason, count in totals.get("filtered", {}).items()
    }


def num_filtered(stats: Mapping[str, Any]) -> int:
    """How many documents the filters took, from the statistics of a corpus."""
    return sum(reason["documents"] for reason in stats.get("filtered", {}).values())


def check_filtered(stats: Mapping[str, Any], max_filtered: float, input: Sequence[str], output: str) -> None:
    """Raise UserError if the filters left nothing, or took a larger share of the documents than `max_filtered`.

    Documents that were set aside because of faults count neither as taken nor as left; `--max_rejected` limits these.
    """
    taken, kept = num_filtered(stats), stats["documents"]
    if not taken:
        return
    reasons = _by_weight(stats)
    folder = storage.join(output, FILTERED_FOLDER)
    if not kept:
        raise UserError(
            f"no document is left of --input {' '.join(input)}: the filters took {taken:,}, most of them by "
            f"{reasons[0]} ({_named(stats, reasons)}); see {folder}, and choose milder filters"
        )
    share = taken / (taken + kept)
    if share > max_filtered:
        raise UserError(
            f"{taken:,} of {taken + kept:,} documents ({share:.1%}) were filtered out, most of them by {reasons[0]} "
            f"({_named(stats, reasons)}), more than --max_filtered {max_filtered}; see {folder}: choose milder filters, or "
            "raise --max_filtered"
        )


def filtered_lines(stats: Mapping[str, Any], output: str) -> list[str]:
    """Lines for users about what the filters took; none if there is nothing to report."""
    taken = num_filtered(stats)
    if not taken:
        return []
    share = taken / (taken + stats["documents"])
    named = _named(stats, _by_weight(stats))
    return [f"filtered out: {taken:,} documents, {share:.1%} ({named}); see {storage.join(output, FILTERED_FOLDER)}"]


def _by_weight(stats: Mapping[str, Any]) -> list[str]:
    """The reasons, the one that took most documents first."""
    filtered = stats["filtered"]
    return sorted(filtered, key=lambda reason: (-filtered[reason]["documents"], reason))


def _named(stats: Mapping[str, Any], reasons: Sequence[str]) -> str:
    named = ", ".join(f"{stats['filtered'][reason]['documents']:,} {reason}" for reason in reasons[:_REASONS_SHOWN])
    more = len(reasons) - _REASONS_SHOWN
    return named + (f" and {more} more reasons" if more > 0 else "")
