"""The round `holders`: where the documents that contain others are from, told to the calls that leave these out."""

from collections.abc import Sequence

from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.duplicate_rounds.kept import write_kept
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundTask, read_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file, run_call
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.parts import CheckedStream
from beam_jobs.jobs.segment.line_rounds import plan as line_plan
from beam_jobs.jobs.segment.line_rounds.left_out import CONTAINED_STEP

STEP = "holders"


def tell_holders(task: RoundTask, chunks: Sequence[int], job: SegmentJob) -> ItemRow:
    """Write a line for each contained document whose holder is in this group, as the round `kept` does for duplicates."""
    uri = round_file(CONTAINED_STEP, 0, job.output)

    def write(stream: CheckedStream) -> dict[str, int]:
        found = write_kept(
            read_plan_of_rounds(job.output, line_plan.STEP), uri, chunks, task.number, job.output, stream
        )
        return {"holders": found["groups"]}

    return run_call(STEP, task, job, write)
