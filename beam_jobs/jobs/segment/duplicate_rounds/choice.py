"""The round `choice`: which documents are removed, and which is kept for each. One call for the corpus.

It holds five bytes for each document, 204 MB for 40.8 million, and the pairs of one part of the ranks at a time.
"""

from collections.abc import Sequence

import numba
import numpy as np

from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.duplicate_rounds.copies import read_copies
from beam_jobs.jobs.segment.duplicate_rounds.pairs import read_pairs
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundPlan, RoundTask, read_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file, run_call
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.parts import CheckedStream, read_exactly, write_section

STEP = "choice"
REMOVED = np.dtype([("kept", "<u4"), ("document", "<u4")])
_CHUNK = 1 << 20  # documents


def choose_documents(
    copy_rows: Sequence[ItemRow], pair_rows: Sequence[ItemRow], task: RoundTask, job: SegmentJob
) -> ItemRow:
    """Walk through the pairs in rank order; remove a document that has a pair with one that is kept.

    As `choose_kept` does for arrays: of several kept ones that with the most shared bands counts, and copies go where the
    first of them goes. The row has `exact` and `near`, for each group how many of its documents are removed as a copy of
    the kept one and as like it, and `chunks`, where the sections begin that `read_removed` reads.
    """
    return run_call(STEP, task, job, lambda stream: _choose(copy_rows, pair_rows, job.output, stream))


def read_choice(begin: int, end: int, documents: int, output: str) -> tuple[np.ndarray, np.ndarray]:
    """Of the documents from `begin` to before `end`: the document kept for each, itself if it stays, and shared bands.

    `documents` is the number of those of the corpus. Both arrays are unsigned [end - begin].
    """
    uri = round_file(STEP, 0, output)
    kept = read_exactly(uri, 4 * begin, 4 * (end - begin))
    shared = read_exactly(uri, 4 * documents + begin, end - begin)
    return np.frombuffer(kept, "<u4"), np.frombuffer(shared, np.uint8)


def _choose(
    copy_rows: Sequence[ItemRow], pair_rows: Sequence[ItemRow], output: str, stream: CheckedStream
) -> dict[str, object]:
    plan = read_plan_of_rounds(output)
    kept = np.arange(plan.documents, dtype=np.dtype("<u4"))
    shared = np.zeros(plan.documents, np.uint8)
    for row in pair_rows:
        pairs = read_pairs(row["index"], row["pairs"], output)
        _walk(kept, shared, pairs["later"], pairs["earlier"], pairs["shared"])
    for row in copy_rows:
        copies = read_copies(row["index"], row["copies"], output)
        kept[copies["document"]] = kept[copies["first"]]
        shared[copies["document"]] = shared[copies["first"]]
    for array in (kept, shared):
        for start in range(0, plan.documents, _CHUNK):
            stream.write(array[start : start + _CHUNK].tobytes())
    return _write_removed(plan, kept, shared, stream)


@numba.njit(cache=True, nogil=True)
def _walk(kept, shared, later, earlier, bands):
    for pair in range(later.size):
        document, other = later[pair], earlier[pair]
        if kept[other] == other and bands[pair] > shared[document]:
            kept[document] = other
            shared[document] = bands[pair]


def _write_removed(plan: RoundPlan, kept: np.ndarray, shared: np.ndarray, stream: CheckedStream) -> dict[str, object]:
    """Write the removed documents, some millions a section, cut by the group of the kept one; returns the row."""
    begins = plan.group_begins
    exact, near = np.zeros(len(begins) - 1, np.int64), np.zeros(len(begins) - 1, np.int64)
    chunks = []
    for start in range(0, plan.documents, _CHUNK):
        part = kept[start : start + _CHUNK]
        documents = start + np.flatnonzero(part != np.arange(start, start + len(part)))
        if not len(documents):
            continue
        groups = np.searchsorted(begins, documents, side="right") - 1
        for totals, of_kind in ((exact, shared[documents] == 0), (near, shared[documents] > 0)):
            totals += np.bincount(groups[of_kind], minlength=len(totals))
        removed = np.empty(len(documents), REMOVED)
        order = np.argsort(kept[documents], kind="stable")
        removed["kept"], removed["document"] = kept[documents[order]], documents[order]
        places = np.searchsorted(removed["kept"], begins)
        chunks.append(stream.written)
        write_section(stream, np.diff(places) * REMOVED.itemsize, [removed.tobytes()])
    return {"exact": exact.tolist(), "near": near.tolist(), "chunks": chunks}
