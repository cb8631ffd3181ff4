"""The rounds as steps of a pipeline, one call an item, in the form of all steps of the segment job."""

from collections.abc import Iterable, Sequence
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import AsSingleton

from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.duplicate_rounds import choice, copies, kept, links, pairs, removed
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundTask, write_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.removed import EXACT_COPY, NEAR_COPY, RemovedTask
from beam_jobs.jobs.segment.duplicate_rounds.round_steps import (
    Rows,
    content_of,
    one_call,
    ordered,
    round_of_calls,
    tasks_of,
)
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.packed_rows import RowsInOrder
from beam_jobs.jobs.segment.write_filtered import filtered_name

STEPS = [copies.STEP, links.STEP, pairs.STEP, kept.STEP, removed.STEP]
_COUNT, _EXACT, _NEAR = "count", "exact", "near"


class FindDuplicates(beam.PTransform):
    """Turns the list of the rows of all ranges into one list of the rows of the rounds; see `removed_of_rows`.

    In a template, whose settings come later, all rounds are steps; the plan of one that is not wanted has no calls.
    """

    def __init__(self, job: SegmentJob | AsSingleton, output: str | AsSingleton) -> None:
        super().__init__()
        self._job, self._output = job, output
        self._mode = job.settings.duplicates if isinstance(job, SegmentJob) else _NEAR

    def expand(self, input_or_inputs: beam.PCollection[Sequence[Any]]) -> beam.PCollection[Sequence[ItemRow]]:
        """Each round waits for the one before it."""
        range_rows, to = input_or_inputs, (self._job, self._output)
        if self._mode == "off":
            return range_rows | "no rounds" >> beam.Map(lambda _: [])
        copy_rows = round_of_calls(to, "copies", range_rows, plan_copies, copies.find_copies)
        if self._mode == _COUNT:
            return copy_rows
        pair_rows = copy_rows
        if self._mode == _NEAR:
            link_rows = round_of_calls(
                to, "links", copy_rows, plan_links, links.link_documents, AsSingleton(range_rows)
            )
            pair_rows = round_of_calls(to, "pairs", link_rows, plan_pairs, pairs.count_bands, AsSingleton(range_rows))
        sides = AsSingleton(range_rows), AsSingleton(copy_rows)
        chosen = one_call(to, "choose", pair_rows, choose, *sides) | "chosen" >> beam.combiners.ToList()
        kept_rows = round_of_calls(to, "kept", chosen, plan_kept, tell_kept)
        removed_rows = round_of_calls(to, "removed", kept_rows, plan_removed, removed.tell_removed, AsSingleton(chosen))
        rows = (copy_rows, kept_rows, removed_rows) | beam.Flatten() | "rows of rounds" >> beam.FlatMap(iter)
        return rows | "all rounds" >> beam.combiners.ToList()


def plan_copies(range_rows: Iterable[bytes | ItemRow], job: SegmentJob) -> list[RoundTask]:
    """The calls of the first round, one for each range of keys."""
    if job.settings.duplicates == "off":
        return []
    plan = write_plan_of_rounds(RowsInOrder(range_rows), job)
    return tasks_of(job, copies.STEP, "key ranges", range(plan["key_ranges"]), plan["content"])


def plan_links(copy_rows: Rows, range_rows: Iterable[bytes | ItemRow], job: SegmentJob) -> list[RoundTask]:
    """The calls for the bands, one for each band and range of keys. Marks the copies, which get no links."""
    if job.settings.duplicates != _NEAR:
        return []
    plan = write_plan_of_rounds(RowsInOrder(range_rows), job)
    copied = ordered(copy_rows)
    mark = links.mark_copies(copied, RoundTask(0, content_of(plan["content"], copied)), job)
    calls = range(plan["key_ranges"], (1 + plan["bands"]) * plan["key_ranges"])
    return tasks_of(job, links.STEP, "key ranges", calls, content_of(plan["content"], [mark]))


def plan_pairs(link_rows: Rows, range_rows: Iterable[bytes | ItemRow], job: SegmentJob) -> list[RoundTask]:
    """The calls that count shared bands, one for each part of the ranks."""
    if job.settings.duplicates != _NEAR:
        return []
    plan = write_plan_of_rounds(RowsInOrder(range_rows), job)
    return tasks_of(job, pairs.STEP, "parts", range(plan["parts"]), content_of(plan["content"], ordered(link_rows)))


def choose(pair_rows: Rows, range_rows: Iterable[bytes | ItemRow], copy_rows: Rows, job: SegmentJob) -> list[ItemRow]:
    """The one call that chooses; its row, with the number of `groups`."""
    if job.settings.duplicates not in (_EXACT, _NEAR):
        return []
    plan = write_plan_of_rounds(RowsInOrder(range_rows), job)
    copied = ordered(copy_rows)
    paired = ordered(pair_rows) if job.settings.duplicates == _NEAR else []
    task = RoundTask(0, content_of(plan["content"], [*copied, *paired]))
    return [choice.choose_documents(copied, paired, task, job)]


def plan_kept(chosen: Rows, job: SegmentJob) -> list[tuple[RoundTask, list[int]]]:
    """The calls that tell of the kept documents, one for each group, and the sections of the removed ones."""
    if not chosen:
        return []
    (row,) = chosen
    tasks = tasks_of(job, kept.STEP, "groups", range(len(row["exact"])), content_of("", chosen))
    return [(task, row["chunks"]) for task in tasks]


def tell_kept(element: tuple[RoundTask, list[int]], job: SegmentJob) -> ItemRow:
    """One call of the round `kept`."""
    return kept.tell_kept(*element, job)


def plan_removed(kept_rows: Rows, chosen: Rows, job: SegmentJob) -> list[RemovedTask]:
    """The calls that tell the removed documents, one for each group, and the names of the files that they write."""
    if not chosen:
        return []
    (row,) = chosen
    counts = {EXACT_COPY: row["exact"], NEAR_COPY: row["near"]}
    total = {reason: sum(map(bool, of_groups)) for reason, of_groups in counts.items()}
    made_from = content_of(content_of("", chosen), ordered(kept_rows))
    number = dict.fromkeys(counts, 0)
    tasks = []
    for task in tasks_of(job, removed.STEP, "groups", range(len(row["exact"])), made_from):
        files = []
        for reason, of_groups in counts.items():
            if of_groups[task.number]:
                files.append((reason, filtered_name(reason, number[reason], total[reason])))
                number[reason] += 1
        tasks.append(RemovedTask(task.number, task.made_from, tuple(files)))
    return tasks
