"""The plan of the rounds of lines: how the lines of the corpus are divided among the calls."""

import math
from collections.abc import Iterable

import numpy as np

from beam_jobs import storage
from beam_jobs.duplicates.band_keys import BANDS
from beam_jobs.execution.run_once import ItemRow, content_hash, run_once
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundPlan, write_round_plan
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.document_rank import lengths_of, whole_ranks
from beam_jobs.jobs.segment.key_files.key_sections import KEYS, SAMPLE_PART
from beam_jobs.jobs.segment.key_files.line_lists import LINE_RANGES
from beam_jobs.jobs.segment.key_files.parts import read_offsets, read_parts
from beam_jobs.jobs.segment.key_files.section_lines import first_line_part
from beam_jobs.storage.in_order import in_order

STEP = "lines"
_LINES_PER_CALL = 2_000_000
_GROUP_DOCUMENTS, _GROUP_LINES = 131_072, 1_000_000
_PART_LINES = 2_000_000
_OPEN_AT_ONCE = 16


def write_line_plan(range_rows: Iterable[ItemRow], job: SegmentJob) -> ItemRow:
    """Write the plan for the rows of the ranges, in their order; its row, or that of an earlier call.

    `key_ranges` of the plan are the calls of the rounds `forms` and `shared`, `groups` those of the round `cut`; by `rank_cuts`
    the lines of documents are divided for the round `contained`, all about equally many. The row has both numbers and `content`, a hash of all keys.
    """
    rows = [(row["index"], row["keys"]["crc32c"], row["keys"]["sections"]) for row in range_rows]
    content = content_hash([(index, crc32c) for index, crc32c, _ in rows])
    return run_once(job.output, STEP, "000000", lambda: _write(rows, content, job), content, run=job.hash)


def _write(rows: list[tuple[int, str, list[list[int]]]], content: str, job: SegmentJob) -> ItemRow:
    places = [(index, *section) for index, _, sections in rows for section in sections]
    ranges, counts, offsets, lines = np.array(places, np.int64).reshape(-1, 4).T
    begins = np.concatenate(([0], np.cumsum(counts)))
    bands = BANDS if job.settings.duplicates == "near" else 0
    first = first_line_part(bands)
    calls = min(LINE_RANGES, 1 << max(0, math.ceil(math.log2(max(int(lines.sum()), 1) / _LINES_PER_CALL))))
    uris = [storage.join(job.output, KEYS, f"{index:06d}.bin") for index in ranges]
    cuts = np.empty((calls + 1, len(uris)), np.int64)
    where = zip(uris, offsets.tolist(), strict=True)
    read = in_order(lambda place: read_offsets(*place, first, first + LINE_RANGES), where, _OPEN_AT_ONCE)
    for section, heads in enumerate(read):
        cuts[:, section] = heads[:: LINE_RANGES // calls]
    groups = _groups(begins, np.cumsum(lines) - lines)
    rank_cuts = _rank_cuts(uris, offsets, begins, lines) if job.settings.contained else np.empty(0, np.int64)
    plan = RoundPlan(ranges, offsets, begins, rank_cuts, groups, calls, bands)
    wrote = write_round_plan(plan, cuts, job.output, STEP)
    return {"content": content, "calls": calls, "groups": len(groups) - 1, "wrote": wrote}


def _groups(begins: np.ndarray, lines_before: np.ndarray) -> np.ndarray:
    """Sections in a row, of about _GROUP_DOCUMENTS documents or _GROUP_LINES lines; a section is never divided."""
    if not len(lines_before):
        return np.array([0])
    number = begins[:-1] // _GROUP_DOCUMENTS + lines_before // _GROUP_LINES  # both grow
    return np.concatenate((np.flatnonzero(np.diff(number, prepend=-1)), [len(number)]))


def _rank_cuts(uris: list[str], offsets: np.ndarray, begins: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """Whole ranks that divide the lines into parts of about _PART_LINES; a document has as many as it is long."""
    parts = -(-int(lines.sum()) // _PART_LINES)
    if parts < 2:
        return np.empty(0, np.int64)
    samples = in_order(
        lambda place: read_parts(*place, SAMPLE_PART, SAMPLE_PART + 1)[0],
        zip(uris, offsets.tolist(), strict=True),
        _OPEN_AT_ONCE,
    )
    ranks, weights = [], []
    for data, begin, end in zip(samples, begins[:-1], begins[1:], strict=True):
        sample = np.frombuffer(data, "<i8").astype(np.int64)
        ranks.append(whole_ranks(sample >> 32, (sample & 0xFFFFFFFF) + begin))
        weights.append((lengths_of(sample) + 1) * ((end - begin) / len(sample)))
    whole = np.concatenate(ranks)
    order = np.argsort(whole)
    shares = np.cumsum(np.concatenate(weights)[order])
    places = np.searchsorted(shares, np.arange(1, parts) / parts * shares[-1])
    return np.unique(whole[order][places])
