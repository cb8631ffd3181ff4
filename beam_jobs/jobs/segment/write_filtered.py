"""Gathers the documents that the filters took into `filtered/<reason>-NNNNN-of-NNNNN.jsonl`, many ranges in one call."""

import itertools
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field

import google_crc32c
import orjson

from beam_jobs import storage
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.execution.run_once import ItemRow, content_hash, run_once
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.line_rounds.statistics import line_rows
from beam_jobs.jobs.segment.packed_rows import RowsInOrder
from beam_jobs.records import FILTERED_FOLDER, shard_name

STEP = "filtered"
_GROUP_BYTES = 64 << 20  # of lines that the ranges wrote


@dataclass
class FilteredGroup:
    """The work of one call: the intermediate files of ranges that follow each other, and the file to write for each reason."""

    index: int
    sources: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    content: list[str] = field(default_factory=list)  # what the sources were made from
    bytes: int = 0


def plan_filtered(
    range_rows: Iterable[bytes | ItemRow],
    job: SegmentJob,
    lost_rows: Iterable[ItemRow] = (),
    group_bytes: int = _GROUP_BYTES,
) -> list[FilteredGroup]:
    """Which ranges' filtered documents are gathered together, and then those of the round `cut`, whose rows are in `lost_rows`.

    The rows may be in any order, `range_rows` packed or not.
    """
    groups: list[FilteredGroup] = []
    reasons: list[set[str]] = []
    for row in itertools.chain(RowsInOrder(range_rows), line_rows(lost_rows)):
        if not row.get("filtered"):  # a run of an earlier version, which is continued, had no filters
            continue
        if not groups or groups[-1].bytes >= group_bytes:
            groups.append(FilteredGroup(len(groups)))
            reasons.append(set())
        group = groups[-1]
        group.sources.append(row["filtered"])
        size, crc32c = row["filtered_file"]
        group.content.append(crc32c)
        group.bytes += size
        reasons[-1] |= row["counts"]["filtered"].keys()
    total = Counter(reason for some in reasons for reason in some)
    number: Counter[str] = Counter()
    for group, some in zip(groups, reasons, strict=True):
        for reason in sorted(some):
            group.files[reason] = filtered_name(reason, number[reason], total[reason])
            number[reason] += 1
    return groups


def filtered_name(reason: str, index: int, count: int) -> str:
    """The path of a file of filtered documents below the output folder."""
    return storage.join(FILTERED_FOLDER, shard_name(reason, index, count, "default", ".jsonl"))


def write_filtered(group: FilteredGroup, job: SegmentJob) -> ItemRow:
    """Write the files of a group and return its row, or the row of an earlier call.

    The row has `documents`, the number of documents by reason.
    """
    made_from = content_hash(group.content, group.files)
    return run_once(job.output, STEP, f"{group.index:06d}", lambda: _write(group, job.output), made_from, run=job.hash)


def _write(group: FilteredGroup, output: str) -> ItemRow:
    wrote: dict[str, list[object]] = {}
    with ExitStack() as stack:
        files = {
            reason: stack.enter_context(storage.atomic_writer(storage.join(output, name), temporary_folder(output)))
            for reason, name in group.files.items()
        }
        checksums = {reason: google_crc32c.Checksum() for reason in files}
        sizes: Counter[str] = Counter()
        documents: Counter[str] = Counter()
        for source in group.sources:
            with storage.open_input(storage.join(output, source)) as stream:
                for line in stream:
                    reason = orjson.loads(line)["reason"]
                    files[reason].write(line)
                    checksums[reason].update(line)
                    sizes[reason] += len(line)
                    documents[reason] += 1
    for reason, name in group.files.items():
        wrote[name] = [sizes[reason], checksums[reason].hexdigest().decode()]
    return {"index": group.index, "documents": dict(documents), "wrote": wrote}
