"""The round `shared`: lines of six words or more that stand in two documents or more, and which documents have them."""

from collections.abc import Sequence

import numpy as np

from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundTask, read_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file, run_call, write_cut
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.parts import CheckedStream, read_parts
from beam_jobs.jobs.segment.line_rounds import plan as line_plan
from beam_jobs.jobs.segment.line_rounds.count_lines import count_lines, lines_that_stay
from beam_jobs.jobs.segment.line_rounds.left_out import LeftOut

STEP = "shared"
LEAST_WORDS = 6
HELD_LINE = np.dtype([("rank", "<i8"), ("form", "<u4"), ("words", "<u2")])
"""A line that a document shares with another: the whole rank of the document, which of the lines of the call it is, and its words."""

_AT_ONCE = 1_000_000  # lines


def find_shared(task: RoundTask, job: SegmentJob) -> ItemRow:
    """Write the shared lines of one range of keys, about a million a section, each cut by rank.

    The row has their number, `forms`, and `chunks`, where the sections begin.
    """
    return run_call(STEP, task, job, lambda stream: _find(task, job.output, stream))


def read_shared(shared_rows: Sequence[ItemRow], part: int, output: str) -> np.ndarray:
    """The shared lines of one part of the ranks, HELD_LINE, sorted by rank; `form` counts through the calls."""
    found = [np.empty(0, HELD_LINE)]
    before = 0
    for row in shared_rows:
        for chunk in row["chunks"]:
            data = read_parts(round_file(STEP, row["index"], output), chunk, part, part + 1)[0]
            lines = np.frombuffer(data, HELD_LINE).copy()
            lines["form"] += np.uint32(before)
            found.append(lines)
        before += row["forms"]
    lines = np.concatenate(found)
    return lines[np.argsort(lines["rank"], kind="stable")]


def _find(task: RoundTask, output: str, stream: CheckedStream) -> dict[str, object]:
    plan = read_plan_of_rounds(output, line_plan.STEP)
    left_out = LeftOut(plan.documents, output)
    lines = count_lines(lines_that_stay(plan, task.number, left_out, output, LEAST_WORDS))
    keys = lines.keys[lines.documents > 1]
    chunks: list[int] = []
    waiting: list[np.ndarray] = []
    count = 0

    def write() -> None:
        found = np.concatenate(waiting)
        found = found[np.argsort(found["rank"])]
        chunks.append(stream.written)
        write_cut(stream, found, np.searchsorted(found["rank"], plan.rank_cuts).tolist())

    for records, ranks in lines_that_stay(plan, task.number, left_out, output, LEAST_WORDS) if len(keys) else ():
        forms = np.minimum(np.searchsorted(keys, records["key"]), len(keys) - 1)
        same = keys[forms] == records["key"]
        held = np.empty(int(np.count_nonzero(same)), HELD_LINE)
        held["rank"], held["form"], held["words"] = ranks[same], forms[same], records["words"][same]
        waiting.append(held)
        count += len(held)
        if count >= _AT_ONCE:
            write()
            waiting.clear()
            count = 0
    if count:
        write()
    return {"forms": len(keys), "chunks": chunks}
