"""The round `all_forms`: the lines to leave out, of all calls, in one file. One call for the corpus."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundTask
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file, run_call
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.parts import CheckedStream, read_exactly
from beam_jobs.jobs.segment.line_rounds import forms
from beam_jobs.jobs.segment.line_rounds.forms import FORM, MOST_FREQUENT
from beam_jobs.jobs.segment.line_rounds.frequent_lines import texts_of_forms

STEP = "all_forms"
_FORMS_AT_ONCE = 1 << 20


def gather_forms(
    form_rows: Sequence[ItemRow], range_rows: Iterable[ItemRow], task: RoundTask, job: SegmentJob
) -> ItemRow:
    """Write the forms of all calls, in their order, which is that of the keys.

    The row has their number, `forms`, and `texts`, the most frequent lines and the documents that they stand in.
    """
    return run_call(STEP, task, job, lambda stream: _gather(form_rows, range_rows, job.output, stream))


def read_forms(number: int, output: str) -> Iterator[np.ndarray]:
    """All forms, FORM, sorted by key, about a million at a time; `number` is that of all."""
    for begin in range(0, number, _FORMS_AT_ONCE):
        size = min(_FORMS_AT_ONCE, number - begin) * FORM.itemsize
        yield np.frombuffer(read_exactly(round_file(STEP, 0, output), begin * FORM.itemsize, size), FORM)


def _gather(
    form_rows: Sequence[ItemRow], range_rows: Iterable[ItemRow], output: str, stream: CheckedStream
) -> dict[str, object]:
    for row in form_rows:
        stream.write(read_exactly(round_file(forms.STEP, row["index"], output), 0, row["forms"] * FORM.itemsize))
    frequent = (form for row in form_rows for form in row["most_frequent"])
    most = sorted(frequent, key=lambda form: (-form[0], form[1]))[:MOST_FREQUENT]
    return {"forms": sum(row["forms"] for row in form_rows), "texts": texts_of_forms(most, range_rows, output)}
