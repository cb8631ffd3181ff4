"""The round `copies`: documents whose folded words are the same, by their exact keys of 128 bits."""

from typing import NamedTuple

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

_NONE = np.empty(0, COPY)


class _Firsts(NamedTuple):
    """Documents that are no copies of another one of their section."""

    exact: np.ndarray  # uint64 [documents, 2]
    ranks: np.ndarray  # int64 [documents], whole ranks


def find_copies(task: RoundTask, job: SegmentJob) -> ItemRow:
    """Find the exact copies in one range of keys.

    Copies of one section are put together first, so that a page that stands there ten million times takes eight bytes each
    time. The row has `copies`, how many documents are copies of another, `groups`, of how many, and `largest_group`.
    """
    return run_call(STEP, task, job, lambda stream: _find(task, job.output, stream))


def read_copies(number: int, copies: int, output: str) -> np.ndarray:
    """The copies that the call `number` found, COPY [copies]."""
    return np.frombuffer(read_exactly(round_file(STEP, number, output), 0, copies * COPY.itemsize), COPY)


def _find(task: RoundTask, output: str, stream: CheckedStream) -> dict[str, int]:
    found, firsts = [_NONE], [_Firsts(np.empty((0, 2), np.uint64), np.empty(0, np.int64))]
    for records, ranks in read_keys(read_plan_of_rounds(output), task.number, output, EXACT):
        copies, of_section = _reduce(np.stack((records["key"], records["check"]), axis=1), ranks)
        found.append(copies)
        firsts.append(of_section)
    exact, ranks = np.concatenate([one.exact for one in firsts]), np.concatenate([one.ranks for one in firsts])
    places = repeated(exact[:, 0])
    last, _ = _reduce(exact[places], ranks[places])
    last.sort(order="document")
    of_sections = np.concatenate(found)
    _follow(of_sections, last)
    copies = np.concatenate((of_sections, last))
    stream.write(copies.tobytes())
    sizes = np.unique(copies["first"], return_counts=True)[1]
    return {
        "copies": len(copies),
        "groups": len(sizes),
        "largest_group": int(sizes.max()) + 1 if len(sizes) else 0,
    }


def _reduce(exact: np.ndarray, ranks: np.ndarray) -> tuple[np.ndarray, _Firsts]:
    """The copies among some documents, COPY, and the keys of the others."""
    first = first_copies(exact, ranks)
    is_first = first == np.arange(len(first))
    copies = np.empty(int(np.count_nonzero(~is_first)), COPY)
    copies["document"], copies["first"] = documents_of(ranks[~is_first]), documents_of(ranks[first[~is_first]])
    return copies, _Firsts(exact[is_first], ranks[is_first])


def _follow(copies: np.ndarray, moved: np.ndarray) -> None:
    """Where the first of a copy is itself a copy, by `moved`, COPY sorted by document, take the first of that."""
    if len(moved):
        places = np.minimum(np.searchsorted(moved["document"], copies["first"]), len(moved) - 1)
        is_moved = moved["document"][places] == copies["first"]
        copies["first"][is_moved] = moved["first"][places[is_moved]]
