"""The round `forms`: lines that stand in many documents, by the key of their folded words."""

import numpy as np

from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundTask, read_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.round_file import run_call
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.document_rank import documents_of
from beam_jobs.jobs.segment.key_files.parts import CheckedStream
from beam_jobs.jobs.segment.line_rounds import plan as line_plan
from beam_jobs.jobs.segment.line_rounds.count_lines import count_lines, lines_that_stay
from beam_jobs.jobs.segment.line_rounds.left_out import LeftOut

STEP = "forms"
FORM = np.dtype([("key", "<u8"), ("kept", "<u4")])
"""A line to leave out, and the document in which it stays even so, or NOWHERE."""

NOWHERE = (1 << 32) - 1
MOST_FREQUENT = 20
"""So many lines are shown to users."""


def find_forms(task: RoundTask, job: SegmentJob) -> ItemRow:
    """Write the lines of one range of keys that stand in enough documents, FORM, sorted by key.

    The row has their number, `forms`, and the `most_frequent`, lists of documents, key, and the first document in rank order.
    """
    return run_call(STEP, task, job, lambda stream: _find(task, job, stream))


def _find(task: RoundTask, job: SegmentJob, stream: CheckedStream) -> dict[str, object]:
    plan = read_plan_of_rounds(job.output, line_plan.STEP)
    left_out = LeftOut(plan.documents, job.output, job.settings.contained > 0)
    lines = count_lines(lines_that_stay(plan, task.number, left_out, job.output))
    frequent = lines.documents >= job.settings.repeated_lines
    keys, documents, ranks = (column[frequent] for column in lines)
    forms = np.empty(len(keys), FORM)
    forms["key"] = keys
    forms["kept"] = documents_of(ranks) if job.settings.repeated_lines_keep == "longest" else NOWHERE
    stream.write(forms.tobytes())
    order = np.lexsort((keys, -documents))[:MOST_FREQUENT]
    columns = (column[order].tolist() for column in (documents, keys, documents_of(ranks)))
    return {"forms": len(forms), "most_frequent": [list(form) for form in zip(*columns, strict=True)]}
