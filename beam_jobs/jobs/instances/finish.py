"""The end of an instances job: writes samples, manifest and, last, `corpus_stats.json`."""

from collections.abc import Sequence
from typing import Any

from beam_jobs.errors import UserError
from beam_jobs.execution.merge_counts import merge_counts
from beam_jobs.execution.run_once import ItemRow, cpus_of
from beam_jobs.execution.shard_row import shard_of
from beam_jobs.execution.stats_file import launch_stats, origin_stats, write_manifest_and_stats
from beam_jobs.inspection.samples import write_samples
from beam_jobs.instances.counts import InstanceCounts, labels_of
from beam_jobs.instances.generate import require_partners
from beam_jobs.jobs.instances.job import InstanceJob
from beam_jobs.records import Manifest
from beam_jobs.settings import output_settings


def finish_instances(rows: Sequence[ItemRow], job: InstanceJob) -> Manifest:
    """Write the files of the whole corpus, from the rows of all its shards in any order.

    They are a function of the input and the settings, except the entries of `corpus_stats.json` about this launch
    (time, folders, workers).

    Raises:
        UserError: no instance came out at all, or a single document has no partner for its pairs.
    """
    rows = sorted(rows, key=lambda row: row["index"])
    if rows:
        require_partners(InstanceCounts.from_json(merge_counts(row["counts"] for row in rows)), job.settings)
    if not any(row["records"] for row in rows):
        raise UserError(
            f"no instance came out of {' '.join(job.settings.input) or 'the input'}: "
            "its documents are empty; look at the input, one sentence a line, a blank line between documents"
        )
    shards = tuple(map(shard_of, rows))
    labels = job.settings.objective_rules.labels
    manifest = Manifest("instances", job.hash, output_settings(job.settings), shards, _vocabulary_entry(job), labels)
    write_samples(job.output, shards, job.settings, job.vocabulary_name)
    write_manifest_and_stats(job.output, manifest, corpus_stats(rows, job))
    return manifest


def closing_line(manifest: Manifest, seconds: float | None) -> str:
    """One line of totals, with rates if the `seconds` that the job took are known."""
    instances = manifest.records
    line = (
        f"{instances:,} instances of {manifest.documents:,} documents in {len(manifest.shards):,} shards, "
        f"{manifest.bytes / 1e6:,.1f} MB"
    )
    return line + (f", {seconds:,.1f} s ({instances / seconds:,.0f} instances/s)" if seconds else "")


def corpus_stats(rows: Sequence[ItemRow], job: InstanceJob) -> dict[str, Any]:
    """The statistics of a corpus: first the keys of published runs, in their order, then what shows its quality.

    `counts` has an entry for each split. As in published runs, it counts documents once, and instances in all copies.
    """
    splits = sorted({row["split"] for row in rows})
    of_split = {split: [row for row in rows if row["split"] == split] for split in splits}
    totals = merge_counts(row["counts"] for row in rows)
    workers = job.workers or cpus_of(rows)
    return {
        "counts": {
            split: {
                "num_documents": sum(row["documents"] for row in chosen),
                "num_instances": sum(row["records"] for row in chosen),
            }
            for split, chosen in of_split.items()
        },
        **launch_stats(job),
        "max_num_cpus": workers,  # the number in use, not the one asked for
        "run_in_parallel": workers > 1,
        "num_shards": len(rows),
        "bytes_in": sum(row["bytes_in"] for row in rows),
        "bytes_out": sum(row["bytes"] for row in rows),
        "shares": shares(totals),
        "totals": totals,
        "splits": {split: merge_counts(row["counts"] for row in chosen) for split, chosen in of_split.items()},
        "sources": merge_counts(row["sources"] for row in rows),
        "vocabulary": _vocabulary_entry(job),
        **origin_stats(job),
    }


def shares(totals: dict[str, Any]) -> dict[str, float]:
    """The ratios to look at first. Each is between 0 and 1, except the mean length, which is in pieces."""
    pieces, padding = totals["pieces"], totals["padding"]
    masked = totals["masked"]
    predictions = sum(masked.values())
    instances = max(totals["instances"], 1)
    return {
        "unknown_pieces": totals["unknown"] / max(pieces, 1),
        "padding": padding / max(pieces + padding, 1),
        "mean_length": pieces / instances,
        **{f"label_{label}": count / instances for label, count in enumerate(labels_of(totals)) if label},
        **{f"predictions_{kind}": count / max(predictions, 1) for kind, count in masked.items()},
        "pieces_predicted": predictions / max(pieces, 1),
    }


def _vocabulary_entry(job: InstanceJob) -> dict[str, Any]:
    return {
        "file": job.vocabulary_name,
        "size": job.vocabulary_size,
        "sha256": job.vocabulary_sha256,
        "lower_case": job.lower_case,
        "model_class": job.settings.model_class,
    }
