"""The plan of a job's input, as a file in its work folder.

So the pipeline itself stays small, however long the plan is.
"""

from collections.abc import Sequence

from beam_jobs import storage
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.execution.progress import announce_step
from beam_jobs.inputs.plan_ranges import InputItem, item_from_json
from beam_jobs.records import WORK_FOLDER
from beam_jobs.storage.retries import retried

PLAN = storage.join(WORK_FOLDER, "plan.jsonl")

PlanLine = tuple[int, int, int]
"""An item's index and where its line lies in the plan file: byte offset and length."""


def write_plan(items: Sequence[InputItem], output: str, step: str) -> list[PlanLine]:
    """Write the plan of `step` below the output folder; returns the line of every item, in order."""
    lines = retried(lambda: _write(items, output))
    announce_step(output, step, "ranges", len(items), sum(item.size for item in items))
    return lines


def _write(items: Sequence[InputItem], output: str) -> list[PlanLine]:
    lines: list[PlanLine] = []
    offset = 0
    with storage.atomic_writer(storage.join(output, PLAN), temporary_folder(output)) as stream:
        for item in items:
            line = item.to_json()
            stream.write(line)
            lines.append((item.index, offset, len(line)))
            offset += len(line)
    return lines


def read_plan(line: PlanLine, output: str) -> InputItem:
    """The item that `write_plan` wrote at `line`."""
    _, offset, length = line
    with storage.open_input(storage.join(output, PLAN), offset, offset + length) as stream:
        return item_from_json(stream.read(length))
