"""The end of a segment job: rejections gathered, manifest and, last of all, `corpus_stats.json`."""

import json
import time
from collections.abc import Iterable, Sequence
from typing import Any

from beam_jobs import storage
from beam_jobs.documents.language_notes import STATISTIC, most_frequent_languages
from beam_jobs.documents.set_aside import check_set_aside, gather_rejections, set_aside_stats
from beam_jobs.execution.merge_counts import merge_counts
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.execution.run_once import Row
from beam_jobs.execution.versions import versions
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.records import MANIFEST_NAME, STATS_NAME, Manifest, Shard
from beam_jobs.settings import output_settings, to_json

_SHARD_FIELDS = ("name", "split", "records", "documents", "bytes", "crc32c")


def finish_sentences(shard_rows: Sequence[Row], range_rows: Sequence[Row], job: SegmentJob) -> Manifest:
    """Write what belongs to the whole corpus, from the rows of all its shards and ranges, in any order.

    Everything but the entries of `corpus_stats.json` that tell of this launch (its time, folders and workers) is a
    function of the input and the settings. May be called again: it writes the same.

    Raises:
        UserError: nothing was kept, or more was set aside than `--max_rejected` allows; `rejected/` is there to look at.
    """
    range_rows = sorted(range_rows, key=lambda row: row["index"])
    shard_rows = sorted(shard_rows, key=lambda row: row["index"])
    shards = [{name: row[name] for name in _SHARD_FIELDS} for row in shard_rows]
    first = gather_rejections(range_rows, job.output)
    stats = corpus_stats(shards, range_rows, job)
    check_set_aside(stats, first, job.settings.max_rejected, job.settings.input, job.output)
    manifest = Manifest("sentences", job.hash, output_settings(job.settings), tuple(Shard(**shard) for shard in shards))
    _write(job, MANIFEST_NAME, manifest.to_json())
    _write(job, STATS_NAME, json.dumps(stats, indent=4, ensure_ascii=False) + "\n")
    return manifest


def corpus_stats(shards: Sequence[Row], range_rows: Iterable[Row], job: SegmentJob) -> dict[str, Any]:
    """The statistics of a sentence corpus; `counts` is keyed by split, like that of an instance corpus."""
    totals = merge_counts(row["counts"] for row in range_rows)
    splits = totals.get("splits", {})
    settings = to_json(job.settings)
    inputs = settings.pop("input")
    settings.pop("output")
    return {
        "counts": {split: splits[split] for split in splits},
        "time_taken_min": (time.time() - job.started) / 60,
        **settings,
        "data_dir": inputs[0] if len(inputs) == 1 else inputs,
        "output_dir": job.output,
        "num_shards": len(shards),
        "documents": sum(counts["num_documents"] for counts in splits.values()),
        "sentences": sum(counts["num_sentences"] for counts in splits.values()),
        "bytes_in": sum(source["bytes_in"] for source in totals.get("sources", {}).values()),
        "bytes_out": sum(shard["bytes"] for shard in shards),
        **set_aside_stats(totals),
        STATISTIC: most_frequent_languages(totals.get(STATISTIC, {})),
        "sentence_length_log2": totals.get("sentence_length_log2", []),
        "sources": totals.get("sources", {}),
        "settings_hash": job.hash,
        "versions": versions(),
    }


def _write(job: SegmentJob, name: str, text: str) -> None:
    storage.write_atomically(
        storage.join(job.output, name), text.encode("utf-8", "backslashreplace"), temporary_folder(job.output)
    )


def closing_line(manifest: Manifest, seconds: float | None) -> str:
    """What came out of the job, for a person."""
    documents = sum(shard.documents for shard in manifest.shards)
    sentences = sum(shard.records for shard in manifest.shards)
    size = sum(shard.bytes for shard in manifest.shards)
    speed = f" in {seconds:,.1f} s ({size / max(seconds, 1e-3) / 1e6:,.1f} MB/s)" if seconds is not None else ""
    return (
        f"{documents:,} documents, {sentences:,} sentences, {size / 1e6:,.1f} MB in {len(manifest.shards)} "
        f"sentence shards{speed}"
    )
