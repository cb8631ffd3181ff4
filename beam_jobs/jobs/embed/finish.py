"""The end of an embed job: what was set aside, the manifest and, last, `corpus_stats.json`."""

from collections.abc import Mapping, Sequence
from typing import Any

from beam_jobs.execution.earlier_outputs import VECTORS
from beam_jobs.execution.merge_counts import merge_counts
from beam_jobs.execution.run_once import ItemRow
from beam_jobs.execution.shard_row import shard_of
from beam_jobs.execution.stats_file import launch_stats, origin_stats, write_manifest_and_stats
from beam_jobs.faults.set_aside import check_set_aside, gather_rejections, set_aside_stats
from beam_jobs.jobs.embed.job import EmbedJob
from beam_jobs.records import Manifest
from beam_jobs.settings import output_settings


def finish_vectors(rows: Sequence[ItemRow], job: EmbedJob) -> Manifest:
    """Write the files of the whole output, from the rows of all shards in any order.

    Raises UserError if nothing was embedded, or more was set aside than `--max_rejected` allows.
    """
    rows = sorted(rows, key=lambda row: row["index"])
    totals = merge_counts(row["totals"] for row in rows)
    first = gather_rejections(rows, job.output)
    settings = job.settings
    aside = {"documents": totals["documents"], **set_aside_stats(totals)}
    check_set_aside(aside, first, settings.max_rejected, settings.input, job.output)
    manifest = Manifest(VECTORS, job.hash, output_settings(settings), tuple(map(shard_of, rows)))
    stats = {
        **launch_stats(job),
        "documents": totals["documents"],
        "bytes_in": totals["bytes_in"],
        **set_aside_stats(totals),
        "vectors": manifest.records,
        "width": job.width,
        "pieces": totals["pieces"],
        "texts_cut": totals["texts_cut"],
        "model_digest": job.model_digest,
        **origin_stats(job),
    }
    write_manifest_and_stats(job.output, manifest, stats)
    return manifest


def closing_line(stats: Mapping[str, Any], told: str, seconds: float | None) -> str:
    """One line of totals. `stats` is the content of `corpus_stats.json`, and `told` what was computed."""
    cut = f"; {stats['texts_cut']:,} texts were cut" if stats["texts_cut"] else ""
    speed = (
        f"; {seconds:,.1f} s ({stats['documents'] / max(seconds, 1e-3):,.0f} texts/s)" if seconds is not None else ""
    )
    return f"{stats['documents']:,} texts, {stats['vectors']:,} {told} of {stats['width']:,} numbers{cut}{speed}"
