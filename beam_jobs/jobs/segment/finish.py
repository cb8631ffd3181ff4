"""The end of a segment job: gathers rejections, and writes the manifest and, last, `corpus_stats.json`."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from beam_jobs import storage
from beam_jobs.execution.merge_counts import merge_counts
from beam_jobs.execution.run_once import ItemRow
from beam_jobs.execution.shard_row import shard_of
from beam_jobs.execution.stats_file import launch_stats, origin_stats, write_manifest_and_stats
from beam_jobs.faults.filtered_out import check_filtered, filtered_stats
from beam_jobs.faults.language_notes import STATISTIC, most_frequent_languages
from beam_jobs.faults.language_table import LANGUAGES, most_frequent_first
from beam_jobs.faults.set_aside import check_set_aside, gather_rejections, set_aside_stats
from beam_jobs.jobs.segment.duplicate_rounds.statistics import duplicates_stats, removed_rows
from beam_jobs.jobs.segment.filters.decontaminate import held_out_stats
from beam_jobs.jobs.segment.filters.dehyphenate import STATISTIC as DEHYPHENATED
from beam_jobs.jobs.segment.filters.furniture import STATISTIC as FURNITURE
from beam_jobs.jobs.segment.filters.mask import STATISTIC as MASKED
from beam_jobs.jobs.segment.filters.quality import quality_stats
from beam_jobs.jobs.segment.filters.where import STATISTIC as WHERE
from beam_jobs.jobs.segment.job import TEXTS, SegmentJob
from beam_jobs.jobs.segment.line_rounds.statistics import repeated_lines_stats
from beam_jobs.jobs.segment.packed_rows import RowsInOrder
from beam_jobs.records import Manifest
from beam_jobs.settings import output_settings


def finish_sentences(
    shard_rows: Sequence[ItemRow],
    range_rows: Iterable[bytes | ItemRow],
    filtered_rows: Sequence[ItemRow],
    job: SegmentJob,
    duplicate_rows: Sequence[ItemRow] = (),
) -> Manifest:
    """Write the files of the whole corpus, from the rows of its shards, its ranges, its filtered documents, and of the rounds
    that leave duplicates and lines out.

    The rows may come in any order, those of the ranges packed or not.

    Then the intermediate texts are removed, because a finished corpus needs them no more.

    The files are a function of the input and the settings, except the entries of `corpus_stats.json` about this launch
    (time, folders, workers). Another call writes the same files.

    Raises:
        UserError: nothing was kept, or more was set aside or filtered out than `--max_rejected` and `--max_filtered` allow.
            `rejected/` and `filtered/` are written even so.
    """
    ordered = RowsInOrder(range_rows)
    shards = tuple(shard_of(row) for row in sorted(shard_rows, key=lambda row: row["index"]))
    manifest = Manifest("sentences", job.hash, output_settings(job.settings), shards)
    told = [*filtered_rows, *removed_rows(duplicate_rows)]
    totals = kept_counts(ordered, duplicate_rows)
    require_all_documents(manifest, totals, told)
    first = gather_rejections(ordered, job.output)
    of_rounds = {
        "duplicates": duplicates_stats(duplicate_rows, job),
        **repeated_lines_stats(totals, duplicate_rows, job),
    }
    stats = corpus_stats(manifest, totals, of_rounds, job)
    check_filtered(stats, job.settings.max_filtered, job.settings.input, job.output)
    check_set_aside(stats, first, job.settings.max_rejected, job.settings.input, job.output)
    write_manifest_and_stats(job.output, manifest, stats)
    free_texts(job)  # not earlier: a run that is resumed before this point needs them
    return manifest


def free_texts(job: SegmentJob) -> None:
    """Remove the intermediate texts, which take as much room as the corpus."""
    storage.remove_folder(storage.join(job.output, TEXTS))


def kept_counts(range_rows: Iterable[ItemRow], duplicate_rows: Iterable[ItemRow]) -> dict[str, Any]:
    """The sum of the counts of all ranges, less what was removed after them."""
    counts = (row["counts"] for row in removed_rows(duplicate_rows))
    totals = merge_counts(itertools.chain((row["counts"] for row in range_rows), counts))
    languages = totals.get(STATISTIC, {})
    return {**totals, STATISTIC: {name: count for name, count in languages.items() if count > 0}}


def require_all_documents(manifest: Manifest, totals: Mapping[str, Any], filtered_rows: Iterable[ItemRow]) -> None:
    """Raise RuntimeError if shards and `filtered/` do not hold the documents of the ranges: no row may get lost."""
    read = sum(counts["num_documents"] for counts in totals.get("splits", {}).values())
    if manifest.documents != read:
        raise RuntimeError(f"the shards hold {manifest.documents:,} documents, but {read:,} were read")
    taken, written = totals.get("filtered", {}), merge_counts(row["documents"] for row in filtered_rows)
    if written != taken:
        raise RuntimeError(f"filtered/ holds {written}, but {taken} were filtered out")


def corpus_stats(
    manifest: Manifest, totals: Mapping[str, Any], of_rounds: Mapping[str, Any], job: SegmentJob
) -> dict[str, Any]:
    """The statistics of a sentence corpus. `counts` has an entry for each split, as for instances.

    `totals` are from `kept_counts`, `of_rounds` the entries about what was removed after all ranges.
    """
    splits = totals.get("splits", {})
    return {
        "counts": {split: splits[split] for split in splits},
        **launch_stats(job),
        "num_shards": len(manifest.shards),
        "documents": sum(counts["num_documents"] for counts in splits.values()),
        "sentences": sum(counts["num_sentences"] for counts in splits.values()),
        "bytes_in": sum(source["bytes_in"] for source in totals.get("sources", {}).values()),
        "bytes_out": manifest.bytes,
        **set_aside_stats(totals),
        "filtered": filtered_stats(totals),
        **of_rounds,
        LANGUAGES: most_frequent_first(totals.get(LANGUAGES, {})),
        **held_out_stats(totals, job.output, job.held_out),
        **{name: totals[name] for name in (WHERE, FURNITURE, DEHYPHENATED, MASKED) if name in totals},
        **quality_stats(totals),
        STATISTIC: most_frequent_languages(totals.get(STATISTIC, {})),
        "sentence_length_log2": totals.get("sentence_length_log2", []),
        "sources": totals.get("sources", {}),
        **origin_stats(job),
    }


def closing_line(manifest: Manifest, seconds: float | None) -> str:
    """One line of totals, with a rate if the `seconds` that the job took are known."""
    size = manifest.bytes
    speed = f" in {seconds:,.1f} s ({size / max(seconds, 1e-3) / 1e6:,.1f} MB/s)" if seconds is not None else ""
    return (
        f"{manifest.documents:,} documents, {manifest.records:,} sentences, {size / 1e6:,.1f} MB in {len(manifest.shards)} "
        f"sentence shards{speed}"
    )
