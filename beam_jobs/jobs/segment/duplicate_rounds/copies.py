"""The round `copies`: documents whose folded words are the same, by their exact keys of 128 bits."""

import numpy as np

from beam_jobs.duplicates.exact_copies import first_copies
from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundTask, read_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.read_keys import read_keys, repeated
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file, run_call
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.document_rank import documents_of
from beam_jobs.jobs.segment.key_files.key_sections import EXACT
from beam_jobs.jobs.segment.key_files.parts import CheckedStream, read_exactly

STEP = "copies"
COPY = np.dtype([("document", "<u4"), ("first", "<u4")])
"""A copy and the first of its kind in rank order."""


def find_copies(task: RoundTask, job: SegmentJob) -> ItemRow:
    """Find the exact copies in one range of keys.

    The row has `copies`, how many documents are copies of another, `groups`, of how many, and `largest_group`.
    """
    return run_call(STEP, task, job, lambda stream: _find(task, job.output, stream))


def read_copies(number: int, copies: int, output: str) -> np.ndarray:
    """The copies that the call `number` found, COPY [copies]."""
    return np.frombuffer(read_exactly(round_file(STEP, number, output), 0, copies * COPY.itemsize), COPY)


def _find(task: RoundTask, output: str, stream: CheckedStream) -> dict[str, int]:
    records, ranks = read_keys(read_plan_of_rounds(output), task.number, output, EXACT)
    places = repeated(records["key"])
    exact = np.stack((records["key"][places], records["check"][places]), axis=1)
    ranks = ranks[places]
    first = first_copies(exact, ranks)
    copies = np.flatnonzero(first != np.arange(len(first)))
    found = np.empty(len(copies), COPY)
    found["document"], found["first"] = documents_of(ranks[copies]), documents_of(ranks[first[copies]])
    stream.write(found.tobytes())
    sizes = np.bincount(first[copies]) if len(copies) else np.zeros(1, np.int64)
    return {
        "copies": len(copies),
        "groups": int(np.count_nonzero(sizes)),
        "largest_group": int(sizes.max()) + 1 if len(copies) else 0,
    }
