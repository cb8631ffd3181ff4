"""The round `contained`: which documents are mostly made of lines of longer ones that stay. One call for the corpus.

It holds eight bytes for each document and four for each line that is shared, and the shared lines of one part of the ranks at a time.
"""

from collections.abc import Sequence

import numba
import numpy as np

from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.duplicate_rounds.choice import REMOVED
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundPlan, RoundTask, read_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.round_file import run_call, write_cut
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.document_rank import documents_of
from beam_jobs.jobs.segment.key_files.parts import CheckedStream
from beam_jobs.jobs.segment.key_files.section_lines import read_document_words
from beam_jobs.jobs.segment.line_rounds import plan as line_plan
from beam_jobs.jobs.segment.line_rounds.left_out import CONTAINED_STEP as STEP
from beam_jobs.jobs.segment.line_rounds.left_out import LeftOut
from beam_jobs.jobs.segment.line_rounds.shared import read_shared

_NOBODY = (1 << 32) - 1


def choose_contained(shared_rows: Sequence[ItemRow], task: RoundTask, job: SegmentJob) -> ItemRow:
    """Walk through the documents in rank order; remove one if enough of its words are in lines of documents that are kept.

    A line is held by the first kept document that has it; the one that holds most words of a removed document is named as kept for it, of
    several the first in rank order. So nothing is removed because of a document that is removed itself, and no line is lost.

    The file has the marks that `LeftOut` reads, and then a section of REMOVED, cut by the group of the kept document, which begins at the one entry of
    `chunks` in the row.
    """
    return run_call(STEP, task, job, lambda stream: _choose(shared_rows, job, stream))


def _choose(shared_rows: Sequence[ItemRow], job: SegmentJob, stream: CheckedStream) -> dict[str, object]:
    plan = read_plan_of_rounds(job.output, line_plan.STEP)
    removed = _removed(plan, shared_rows, job)
    removed.sort(order=("kept", "document"))
    marks = LeftOut(plan.documents, job.output).marks.copy()
    np.bitwise_or.at(marks, removed["document"] >> 3, (128 >> (removed["document"] & 7)).astype(np.uint8))
    stream.write(marks.tobytes())
    chunks = [stream.written]
    write_cut(stream, removed, np.searchsorted(removed["kept"], plan.group_begins[1:-1]).tolist())
    return {"contained": len(removed), "chunks": chunks}


def _removed(plan: RoundPlan, shared_rows: Sequence[ItemRow], job: SegmentJob) -> np.ndarray:
    """The contained documents, REMOVED, in rank order."""
    words = _document_words(plan, job.output)
    holders = np.full(sum(row["forms"] for row in shared_rows), _NOBODY, np.uint32)
    kept_in_order = np.empty(plan.documents, np.uint32)  # the documents that hold lines, in rank order
    kept_count = 0
    found: list[np.ndarray] = [np.empty(0, REMOVED)]
    for part in range(len(plan.rank_cuts) + 1):
        lines = read_shared(shared_rows, part, job.output)
        documents = documents_of(lines["rank"])
        starts = np.concatenate((np.flatnonzero(np.diff(documents, prepend=-1)), [len(documents)]))
        kept_for = np.full(len(starts) - 1, _NOBODY, np.int64)
        of_lines = starts, documents, lines["form"].copy(), lines["words"].copy()
        kept_count = _walk(*of_lines, words, job.settings.contained, holders, kept_in_order, kept_count, kept_for)
        places = np.flatnonzero(kept_for != _NOBODY)
        removed = np.empty(len(places), REMOVED)
        removed["document"], removed["kept"] = documents[starts[places]], kept_for[places]
        found.append(removed)
    return np.concatenate(found)


def _document_words(plan: RoundPlan, output: str) -> np.ndarray:
    """The words of every document, uint32 [documents]."""
    words = np.empty(plan.documents, np.uint32)
    for section in range(len(plan.ranges)):
        begin, end = plan.begins[section : section + 2].tolist()
        words[begin:end] = read_document_words(plan.key_file(section, output), int(plan.offsets[section]), plan.bands)
    return words


@numba.njit(cache=True, nogil=True)
def _walk(starts, documents, forms, words, document_words, share, holders, kept_in_order, kept_count, kept_for):
    """Each document begins at one of `starts`; `holders` are places in `kept_in_order`, whose new length is returned."""
    for number in range(starts.size - 1):
        begin, end = starts[number], starts[number + 1]
        document = documents[begin]
        covered = np.int64(0)
        for line in range(begin, end):
            if holders[forms[line]] != _NOBODY:
                covered += np.int64(words[line])
        if covered > 0 and covered >= share * document_words[document]:
            held_by = np.empty(end - begin, np.int64)
            for line in range(begin, end):
                held_by[line - begin] = np.int64(holders[forms[line]])
            order = np.argsort(held_by, kind="mergesort")
            best, most = np.int64(-1), np.int64(0)
            at = 0
            while at < order.size and held_by[order[at]] != _NOBODY:
                holder = held_by[order[at]]
                total = np.int64(0)
                while at < order.size and held_by[order[at]] == holder:
                    total += np.int64(words[begin + order[at]])
                    at += 1
                if total > most:
                    best, most = holder, total
            kept_for[number] = kept_in_order[best]
            continue
        new = False
        for line in range(begin, end):
            if holders[forms[line]] == _NOBODY:
                holders[forms[line]] = kept_count
                new = True
        if new:
            kept_in_order[kept_count] = document
            kept_count += 1
    return kept_count
