"""The round `pairs`: documents that are linked in enough bands. To count shared bands is to verify a pair."""

import math

import numpy as np

from beam_jobs.duplicates.band_keys import BANDS, ROWS
from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.duplicate_rounds import links
from beam_jobs.jobs.segment.duplicate_rounds.links import LINK
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundPlan, RoundTask, read_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file, run_call
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.document_rank import documents_of
from beam_jobs.jobs.segment.key_files.parts import CheckedStream, read_exactly, read_parts

STEP = "pairs"
PAIR = np.dtype([("later", "<u4"), ("earlier", "<u4"), ("shared", "u1")])
"""Two documents, and in how many bands they are linked."""


def count_bands(task: RoundTask, job: SegmentJob) -> ItemRow:
    """Write the pairs of one part of the ranks, in rank order; the row has their number, `pairs`."""
    return run_call(STEP, task, job, lambda stream: _count(task, job, stream))


def least_shared_bands(near_threshold: float) -> int:
    """How many bands a pair must share: as many as two documents of this Jaccard index share on average, rounded up."""
    return math.ceil(BANDS * near_threshold**ROWS)


def read_pairs(number: int, pairs: int, output: str) -> np.ndarray:
    """The pairs of the call `number`, PAIR [pairs], by the rank of the later document, then of the earlier one."""
    return np.frombuffer(read_exactly(round_file(STEP, number, output), 0, pairs * PAIR.itemsize), PAIR)


def _count(task: RoundTask, job: SegmentJob, stream: CheckedStream) -> dict[str, int]:
    found = _read_links(read_plan_of_rounds(job.output), task.number, job.output)
    later, earlier = found["later"].copy(), found["earlier"].copy()
    codes = (documents_of(later).astype(np.uint64) << np.uint64(32)) | documents_of(earlier).astype(np.uint64)
    order = np.argsort(codes)
    codes = codes[order]
    starts = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1]))) if len(codes) else np.empty(0, np.int64)
    shared = np.diff(np.concatenate((starts, [len(codes)])))
    enough = shared >= least_shared_bands(job.settings.near_threshold)
    one_of = order[starts[enough]]
    later, earlier, shared = later[one_of], earlier[one_of], shared[enough]
    in_rank_order = np.lexsort((earlier, later))
    pairs = np.empty(len(shared), PAIR)
    pairs["later"], pairs["earlier"] = documents_of(later)[in_rank_order], documents_of(earlier)[in_rank_order]
    pairs["shared"] = shared[in_rank_order]
    stream.write(pairs.tobytes())
    return {"pairs": len(pairs)}


def _read_links(plan: RoundPlan, part: int, output: str) -> np.ndarray:
    calls = range(plan.key_ranges, (1 + plan.bands) * plan.key_ranges)
    data = (read_parts(round_file(links.STEP, call, output), 0, part, part + 1)[0] for call in calls)
    return np.frombuffer(b"".join(data), LINK)
