"""Which documents have left before lines are compared: those that are removed as duplicates, and then those contained in others."""

from collections.abc import Sequence

import numpy as np

from beam_jobs.execution.run_once import ItemRow, content_hash
from beam_jobs.jobs.segment.duplicate_rounds.choice import read_choice
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundTask, read_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file, run_call
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.parts import CheckedStream, read_exactly
from beam_jobs.jobs.segment.line_rounds import plan as line_plan

STEP, CONTAINED_STEP = "left_out", "contained"
_CHUNK = 1 << 20  # documents, a multiple of 8


def mark_left_out(duplicate_rows: Sequence[ItemRow], content: str, job: SegmentJob) -> ItemRow:
    """Write one bit for each document of the corpus, set if the rounds of these rows have removed it."""
    made_from = content_hash(content, sorted(row["crc32c"] for row in duplicate_rows))
    return run_call(STEP, RoundTask(0, made_from), job, lambda stream: _mark(job, stream))


class LeftOut:
    """The marks of all documents, a bit each."""

    def __init__(self, documents: int, output: str, contained: bool = False) -> None:
        """`documents` is the number of those of the corpus; with `contained`, documents of the round `contained` are marked too."""
        uri = round_file(CONTAINED_STEP if contained else STEP, 0, output)
        self.marks = np.frombuffer(read_exactly(uri, 0, -(-documents // 8)), np.uint8)

    def __call__(self, documents: np.ndarray) -> np.ndarray:
        """Whether each of these documents has left, bool."""
        return (self.marks[documents >> 3] >> (7 - (documents & 7)).astype(np.uint8)) & 1 != 0


def _mark(job: SegmentJob, stream: CheckedStream) -> dict[str, int]:
    documents = read_plan_of_rounds(job.output, line_plan.STEP).documents
    for begin in range(0, documents, _CHUNK):
        end = min(begin + _CHUNK, documents)
        marks = np.zeros(end - begin, bool)
        if job.settings.leaves_copies_out:
            marks = read_choice(begin, end, documents, job.output)[0] != np.arange(begin, end)
        stream.write(np.packbits(marks).tobytes())
    return {}
