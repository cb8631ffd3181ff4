"""The round `choice`: which documents are removed, and which is kept for each. One call for the corpus.

It holds four bytes for each document, eight if there are more than 67 million, and the pairs of one part of the ranks at a time.
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
_CHUNK = 1 << 18  # documents
_SHORT_SHIFT, _LONG_SHIFT = 26, 40  # up to 67 million documents, 4 bytes for each are enough


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
    shift = _SHORT_SHIFT if plan.documents <= 1 << _SHORT_SHIFT else _LONG_SHIFT
    # of each document the one that is kept for it, and above these bits how many bands they share
    chosen: np.ndarray = np.arange(plan.documents, dtype=np.uint32 if shift == _SHORT_SHIFT else np.uint64)
    for row in pair_rows:
        pairs = read_pairs(row["index"], row["pairs"], output)
        _walk(chosen, shift, pairs["later"], pairs["earlier"], pairs["shared"])
    for row in copy_rows:
        copies = read_copies(row["index"], row["copies"], output)
        chosen[copies["document"]] = chosen[copies["first"]]
    starts = range(0, plan.documents, _CHUNK)
    for start in starts:
        stream.write((chosen[start : start + _CHUNK] & ((1 << shift) - 1)).astype("<u4").tobytes())
    for start in starts:
        stream.write((chosen[start : start + _CHUNK] >> shift).astype(np.uint8).tobytes())
    return _write_removed(plan, chosen, shift, stream)


@numba.njit(cache=True, nogil=True)
def _walk(chosen, shift, later, earlier, bands):
    for pair in range(later.size):
        document, other, shared = np.int64(later[pair]), np.int64(earlier[pair]), np.int64(bands[pair])
        if np.int64(chosen[other]) == other and shared > np.int64(chosen[document]) >> shift:
            chosen[document] = (shared << shift) | other


def _write_removed(plan: RoundPlan, chosen: np.ndarray, shift: int, stream: CheckedStream) -> dict[str, object]:
    """Write the removed documents, a chunk a section, cut by the group of the kept one; returns the row."""
    begins = plan.group_begins
    exact, near = np.zeros(len(begins) - 1, np.int64), np.zeros(len(begins) - 1, np.int64)
    chunks = []
    for start in range(0, plan.documents, _CHUNK):
        part = chosen[start : start + _CHUNK]
        places = np.flatnonzero(part != np.arange(start, start + len(part)))
        if not len(places):
            continue
        documents, kept, is_near = start + places, part[places] & ((1 << shift) - 1), part[places] >> shift > 0
        groups = np.searchsorted(begins, documents, side="right") - 1
        for totals, of_kind in ((exact, ~is_near), (near, is_near)):
            totals += np.bincount(groups[of_kind], minlength=len(totals))
        removed = np.empty(len(documents), REMOVED)
        order = np.argsort(kept, kind="stable")
        removed["kept"], removed["document"] = kept[order], documents[order]
        cuts = np.searchsorted(removed["kept"], begins)
        chunks.append(stream.written)
        write_section(stream, np.diff(cuts) * REMOVED.itemsize, [removed.tobytes()])
    return {"exact": exact.tolist(), "near": near.tolist(), "chunks": chunks}
