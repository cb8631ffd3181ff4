"""A round as steps of a pipeline: plan its calls, make them on any worker, gather their rows."""

from collections.abc import Callable, Sequence
from typing import Any

import apache_beam as beam

from beam_jobs.execution.failures import attempt, attempt_if_whole
from beam_jobs.execution.progress import announce_step
from beam_jobs.execution.run_once import ItemRow, content_hash
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundTask
from beam_jobs.jobs.segment.job import SegmentJob

Rows = Sequence[ItemRow]
To = tuple[Any, Any]
"""The job and its output, which in a template are side inputs."""


def one_call(
    to: To, name: str, rows: beam.PCollection[Rows], work: Callable[..., list[Any]], *sides: Any
) -> beam.PCollection[Any]:
    """The results of `work(rows, *sides, job)`, one by one; none if something failed before."""
    job, output = to
    return rows | name >> beam.FlatMap(_attempt_to_plan, work, output, *sides, job)


def round_of_calls(
    to: To,
    name: str,
    rows: beam.PCollection[Rows],
    plan: Callable[..., list[Any]],
    work: Callable[..., ItemRow],
    *sides: Any,
) -> beam.PCollection[Rows]:
    """One list of the rows of `work(task, job)` for each task that `plan(rows, *sides, job)` gives."""
    job, output = to
    tasks = one_call(to, f"plan {name}", rows, plan, *sides) | f"spread {name}" >> beam.Reshuffle()
    done = tasks | name >> beam.FlatMap(attempt, work, output, job)
    return done | f"all {name}" >> beam.combiners.ToList()


def tasks_of(job: SegmentJob, step: str, unit: str, numbers: range, made_from: str) -> list[RoundTask]:
    """The tasks of a round, which the progress display is told of."""
    announce_step(job.output, step, unit, len(numbers), 0)
    return [RoundTask(number, made_from) for number in numbers]


def ordered(rows: Rows) -> list[ItemRow]:
    """The rows of a round in the order of its calls."""
    return sorted(rows, key=lambda row: row["index"])


def content_of(before: str, rows: Rows) -> str:
    """A hash of what a call reads: the files of these rows, and what `before` is a hash of."""
    return content_hash(before, [row["crc32c"] for row in rows])


def _attempt_to_plan(rows: Any, work: Callable[..., list[Any]], output: str, *arguments: Any) -> list[Any]:
    return [result for results in attempt_if_whole(rows, work, output, *arguments) for result in results]
