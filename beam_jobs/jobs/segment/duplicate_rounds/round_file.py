"""Runs one call of a round, which writes one file of parts, and gives its row."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from beam_jobs import storage
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.execution.run_once import ItemRow, run_once
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundTask
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.parts import CheckedStream, write_section
from beam_jobs.records import WORK_FOLDER
from beam_jobs.storage.per_process import in_turn

Write = Callable[[CheckedStream], dict[str, Any]]


def round_file(step: str, number: int, output: str) -> str:
    """The file of the call `number` of a round."""
    return storage.join(output, WORK_FOLDER, step, f"{number:06d}.bin")


def run_call(step: str, task: RoundTask, job: SegmentJob, write: Write) -> ItemRow:
    """The row of a call whose `write` writes its file, or the row of an earlier call.

    The row is what `write` returns, with `index` and the file's `crc32c`; its `wrote` may name further files. One call of a round works in a process at a
    time, because memory is planned for one.
    """
    return run_once(job.output, step, task.name, lambda: _run(step, task, job, write), task.made_from, run=job.hash)


def _run(step: str, task: RoundTask, job: SegmentJob, write: Write) -> ItemRow:
    name = storage.join(WORK_FOLDER, step, f"{task.name}.bin")
    with (
        in_turn("duplicates", 1),
        storage.atomic_writer(storage.join(job.output, name), temporary_folder(job.output)) as target,
    ):
        stream = CheckedStream(target)
        row = write(stream)
    wrote = {name: stream.wrote, **row.pop("wrote", {})}
    return {"index": task.number, **row, "crc32c": stream.crc32c, "wrote": wrote}


def write_cut(stream: CheckedStream, records: np.ndarray, cuts: Iterable[int]) -> None:
    """Write a section of sorted `records`, cut into parts before the places `cuts`."""
    places = [0, *cuts, len(records)]
    sizes = np.diff(np.array(places, np.int64)) * records.itemsize
    write_section(stream, sizes, [records.tobytes()])
