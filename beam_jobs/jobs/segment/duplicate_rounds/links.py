"""The round `links`: documents that share the key of a band, except the copies of others."""

from collections.abc import Sequence

import numpy as np

from beam_jobs.duplicates.near_pairs import link_band
from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.duplicate_rounds.copies import read_copies
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundTask, read_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.read_keys import read_keys, repeated
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file, run_call, write_cut
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.document_rank import documents_of
from beam_jobs.jobs.segment.key_files.key_sections import BAND
from beam_jobs.jobs.segment.key_files.parts import CheckedStream, read_exactly

MARK_STEP, STEP = "marks", "links"
LINK = np.dtype([("later", "<i8"), ("earlier", "<i8")])
"""The whole ranks of two documents."""

_NO_KEYS, _NO_RANKS = np.empty(0, np.uint64), np.empty(0, np.int64)


def mark_copies(copy_rows: Sequence[ItemRow], task: RoundTask, job: SegmentJob) -> ItemRow:
    """Write one bit for each document of the corpus, set if it is a copy of another: copies are linked to nothing.

    A million copies of a page then cost no links, and they take no place in the lists of a band. One call for the corpus.
    """
    return run_call(MARK_STEP, task, job, lambda stream: _mark(copy_rows, job.output, stream))


def link_documents(task: RoundTask, job: SegmentJob) -> ItemRow:
    """Link the documents in one range of keys of one band; the links are cut by the rank of the later document.

    The row has their number, `links`, at most four for each document.
    """
    return run_call(STEP, task, job, lambda stream: _link(task, job.output, stream))


def _mark(copy_rows: Sequence[ItemRow], output: str, stream: CheckedStream) -> dict[str, int]:
    marked = np.zeros(-(-read_plan_of_rounds(output).documents // 8), np.uint8)
    for row in copy_rows:
        documents = read_copies(row["index"], row["copies"], output)["document"]
        np.bitwise_or.at(marked, documents >> 3, np.left_shift(1, documents & 7).astype(np.uint8))
    stream.write(marked.tobytes())
    return {"bytes": len(marked)}


def _link(task: RoundTask, output: str, stream: CheckedStream) -> dict[str, int]:
    plan = read_plan_of_rounds(output)
    marked = np.frombuffer(read_exactly(round_file(MARK_STEP, 0, output), 0, -(-plan.documents // 8)), np.uint8)
    kept_keys, kept_ranks = [_NO_KEYS], [_NO_RANKS]
    for records, of_section in read_keys(plan, task.number, output, BAND):
        documents = documents_of(of_section)
        first = (marked[documents >> 3] >> (documents & 7)) & 1 == 0
        kept_keys.append(records["key"][first])
        kept_ranks.append(of_section[first])
    keys, ranks = np.concatenate(kept_keys), np.concatenate(kept_ranks)
    places = repeated(keys)
    earlier, later = link_band(keys[places], ranks[places])
    order = np.argsort(later, kind="stable")
    links = np.empty(len(order), LINK)
    links["later"], links["earlier"] = later[order], earlier[order]
    write_cut(stream, links, np.searchsorted(links["later"], plan.rank_cuts).tolist())
    return {"links": len(links)}
