"""The rounds of lines as steps of a pipeline, one call an item."""

from collections.abc import Iterable, Sequence
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import AsSingleton

from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundTask
from beam_jobs.jobs.segment.duplicate_rounds.round_steps import (
    Rows,
    content_of,
    one_call,
    ordered,
    round_of_calls,
    tasks_of,
)
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.line_rounds import cut, forms, holders, shared
from beam_jobs.jobs.segment.line_rounds.contained import choose_contained
from beam_jobs.jobs.segment.line_rounds.cut import CutTask
from beam_jobs.jobs.segment.line_rounds.gather import gather_forms
from beam_jobs.jobs.segment.line_rounds.left_out import mark_left_out
from beam_jobs.jobs.segment.line_rounds.plan import write_line_plan
from beam_jobs.jobs.segment.packed_rows import RowsInOrder

STEPS = [shared.STEP, holders.STEP, forms.STEP, cut.STEP]


class LeaveLinesOut(beam.PTransform):
    """Turns the list of the rows of the rounds of duplicates into one with those of the rounds of lines too.

    In a template, whose settings come later, all rounds are steps; without `--contained` and `--repeated_lines` they have no calls.
    """

    def __init__(
        self, job: SegmentJob | AsSingleton, output: str | AsSingleton, range_rows: beam.PCollection[Sequence[Any]]
    ) -> None:
        super().__init__()
        self._job, self._output, self._range_rows = job, output, range_rows

    def expand(self, input_or_inputs: beam.PCollection[Sequence[ItemRow]]) -> beam.PCollection[Sequence[ItemRow]]:
        """Each round waits for the one before it."""
        duplicate_rows, to, ranges = input_or_inputs, (self._job, self._output), AsSingleton(self._range_rows)
        if isinstance(self._job, SegmentJob) and not self._job.settings.compares_lines:
            return duplicate_rows
        shared_rows = round_of_calls(to, "shared", duplicate_rows, plan_shared, shared.find_shared, ranges)
        chosen = one_call(to, "choose contained", shared_rows, choose, ranges) | "contained" >> beam.combiners.ToList()
        holder_rows = round_of_calls(to, "holders", chosen, plan_holders, tell_holders, ranges)
        sides = ranges, AsSingleton(duplicate_rows)
        form_rows = round_of_calls(to, "forms", chosen, plan_forms, forms.find_forms, *sides)
        gathered = one_call(to, "gather forms", form_rows, gather, ranges) | "gathered" >> beam.combiners.ToList()
        sides = ranges, AsSingleton(holder_rows)
        cut_rows = round_of_calls(to, "cut", gathered, plan_cut, cut.cut_lines, *sides)
        rows = (duplicate_rows, gathered, cut_rows) | beam.Flatten() | "rows of lines" >> beam.FlatMap(iter)
        return rows | "all lines" >> beam.combiners.ToList()


def plan_shared(duplicate_rows: Rows, range_rows: Iterable[bytes | ItemRow], job: SegmentJob) -> list[RoundTask]:
    """The calls that find lines of several documents, one for each range of keys. Marks the documents that have left before."""
    if not job.settings.contained:
        return []
    plan = write_line_plan(RowsInOrder(range_rows), job)
    mark = mark_left_out(duplicate_rows, plan["content"], job)
    return tasks_of(job, shared.STEP, "key ranges", range(plan["calls"]), content_of(plan["content"], [mark]))


def choose(shared_rows: Rows, range_rows: Iterable[bytes | ItemRow], job: SegmentJob) -> list[ItemRow]:
    """The one call that chooses the contained documents; its row."""
    if not job.settings.contained:
        return []
    plan, found = write_line_plan(RowsInOrder(range_rows), job), ordered(shared_rows)
    return [choose_contained(found, RoundTask(0, content_of(plan["content"], found)), job)]


def plan_holders(
    chosen: Rows, range_rows: Iterable[bytes | ItemRow], job: SegmentJob
) -> list[tuple[RoundTask, list[int]]]:
    """The calls that tell of the documents that contain others, one for each group, and the sections of the contained ones."""
    if not chosen:
        return []
    (row,) = chosen
    groups = write_line_plan(RowsInOrder(range_rows), job)["groups"]
    tasks = tasks_of(job, holders.STEP, "groups", range(groups), content_of("", chosen))
    return [(task, row["chunks"]) for task in tasks]


def tell_holders(element: tuple[RoundTask, list[int]], job: SegmentJob) -> ItemRow:
    """One call of the round `holders`."""
    return holders.tell_holders(*element, job)


def plan_forms(
    chosen: Rows, range_rows: Iterable[bytes | ItemRow], duplicate_rows: Rows, job: SegmentJob
) -> list[RoundTask]:
    """The calls that find repeated lines, one for each range of keys. Marks the documents that have left before."""
    if not job.settings.compares_lines:
        return []
    plan = write_line_plan(RowsInOrder(range_rows), job)
    mark = mark_left_out(duplicate_rows, plan["content"], job)
    calls = plan["calls"] if job.settings.repeated_lines else 0
    return tasks_of(job, forms.STEP, "key ranges", range(calls), content_of(plan["content"], [mark, *chosen]))


def gather(form_rows: Rows, range_rows: Iterable[bytes | ItemRow], job: SegmentJob) -> list[ItemRow]:
    """The one call that puts all forms into one file; its row."""
    if not job.settings.compares_lines:
        return []
    plan, found = write_line_plan(RowsInOrder(range_rows), job), ordered(form_rows)
    task = RoundTask(0, content_of(plan["content"], found))
    return [gather_forms(found, RowsInOrder(range_rows), task, job)]


def plan_cut(
    gathered: Rows, range_rows: Iterable[bytes | ItemRow], holder_rows: Rows, job: SegmentJob
) -> list[CutTask]:
    """The calls that leave lines and documents out, one for each group of documents."""
    if not gathered:
        return []
    (row,) = gathered
    groups = write_line_plan(RowsInOrder(range_rows), job)["groups"]
    made_from = content_of(content_of("", gathered), ordered(holder_rows))
    tasks = tasks_of(job, cut.STEP, "groups", range(groups), made_from)
    return [CutTask(task.number, task.made_from, row["forms"]) for task in tasks]
