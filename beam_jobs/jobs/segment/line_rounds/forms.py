"""The round `forms`: lines that stand in many documents, by the key of their folded words."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundTask, read_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.read_keys import read_keys
from beam_jobs.jobs.segment.duplicate_rounds.round_file import run_call
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.document_rank import documents_of
from beam_jobs.jobs.segment.key_files.line_lists import LINE_KEY
from beam_jobs.jobs.segment.key_files.parts import CheckedStream
from beam_jobs.jobs.segment.line_rounds import plan as line_plan
from beam_jobs.jobs.segment.line_rounds.left_out import LeftOut

STEP = "forms"
FORM = np.dtype([("key", "<u8"), ("kept", "<u4")])
"""A line to leave out, and the document in which it stays even so, or NOWHERE."""

NOWHERE = (1 << 32) - 1
_AT_ONCE = 1_000_000  # lines
MOST_FREQUENT = 20
"""So many lines are shown to users."""


class _Lines(NamedTuple):
    """Different lines: the number of documents with each, and the smallest whole rank of these."""

    keys: np.ndarray  # uint64, sorted
    documents: np.ndarray  # int64
    ranks: np.ndarray  # int64


def find_forms(task: RoundTask, job: SegmentJob) -> ItemRow:
    """Write the lines of one range of keys that stand in enough documents, FORM, sorted by key.

    About a million lines are put together at a time, so that a line that stands everywhere takes no more room than
    another. The row has their number, `forms`, and the `most_frequent`, lists of documents, key, and the first document in rank order.
    """
    return run_call(STEP, task, job, lambda stream: _find(task, job, stream))


def _find(task: RoundTask, job: SegmentJob, stream: CheckedStream) -> dict[str, object]:
    plan = read_plan_of_rounds(job.output, line_plan.STEP)
    left_out = LeftOut(plan.documents, job.output)
    reduced: list[_Lines] = []
    waiting: list[_Lines] = []
    count = 0
    for records, ranks in read_keys(plan, task.number, job.output, LINE_KEY, line_plan.STEP):
        stay = ~left_out(documents_of(ranks))
        waiting.append(_Lines(records["key"][stay], np.ones(np.count_nonzero(stay), np.int64), ranks[stay]))
        count += len(records)
        if count >= _AT_ONCE:
            reduced.append(_together(waiting))
            waiting.clear()
            count = 0
    lines = _together([*reduced, *waiting])
    frequent = lines.documents >= job.settings.repeated_lines
    keys, documents, ranks = (column[frequent] for column in lines)
    forms = np.empty(len(keys), FORM)
    forms["key"] = keys
    forms["kept"] = documents_of(ranks) if job.settings.repeated_lines_keep == "longest" else NOWHERE
    stream.write(forms.tobytes())
    order = np.lexsort((keys, -documents))[:MOST_FREQUENT]
    columns = (column[order].tolist() for column in (documents, keys, documents_of(ranks)))
    return {"forms": len(forms), "most_frequent": [list(form) for form in zip(*columns, strict=True)]}


def _together(some: Sequence[_Lines]) -> _Lines:
    if not some:
        return _Lines(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64))
    keys, documents, ranks = (np.concatenate(columns) for columns in zip(*some, strict=True))
    order = np.argsort(keys)
    keys = keys[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.empty(0, np.int64)
    if not len(starts):
        return _Lines(keys, documents, ranks)
    return _Lines(keys[starts], np.add.reduceat(documents[order], starts), np.minimum.reduceat(ranks[order], starts))
