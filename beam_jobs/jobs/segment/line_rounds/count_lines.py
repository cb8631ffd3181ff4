"""Counts in how many documents each line of one range of keys stands, whatever their number."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundPlan
from beam_jobs.jobs.segment.duplicate_rounds.read_keys import ListedKeys, read_keys
from beam_jobs.jobs.segment.key_files.document_rank import documents_of
from beam_jobs.jobs.segment.key_files.line_lists import LINE_KEY
from beam_jobs.jobs.segment.line_rounds import plan as line_plan
from beam_jobs.jobs.segment.line_rounds.left_out import LeftOut

_AT_ONCE = 1_000_000  # lines


class CountedLines(NamedTuple):
    """Different lines: the number of documents with each, and the smallest whole rank of these."""

    keys: np.ndarray  # uint64, sorted
    documents: np.ndarray  # int64
    ranks: np.ndarray  # int64


def lines_that_stay(
    plan: RoundPlan, task: int, left_out: LeftOut, output: str, least_words: int = 1
) -> Iterator[ListedKeys]:
    """The lines (LINE_KEY) of one range of keys, a section at a time: those of documents that have not left, of enough words."""
    for records, ranks in read_keys(plan, task, output, LINE_KEY, line_plan.STEP):
        stay = (records["words"] >= least_words) & ~left_out(documents_of(ranks))
        yield ListedKeys(records[stay], ranks[stay])


def count_lines(sections: Iterator[ListedKeys]) -> CountedLines:
    """The lines of all sections together.

    About a million lines are put together at a time, so that a line that stands everywhere takes no more room than another.
    """
    reduced: list[CountedLines] = []
    waiting: list[CountedLines] = []
    count = 0
    for records, ranks in sections:
        waiting.append(CountedLines(records["key"], np.ones(len(ranks), np.int64), ranks))
        count += len(ranks)
        if count >= _AT_ONCE:
            reduced.append(_together(waiting))
            waiting.clear()
            count = 0
    return _together([*reduced, *waiting])


def _together(some: Sequence[CountedLines]) -> CountedLines:
    if not sum(len(lines.keys) for lines in some):
        return CountedLines(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64))
    keys, documents, ranks = (np.concatenate(columns) for columns in zip(*some, strict=True))
    order = np.argsort(keys)
    keys = keys[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    return CountedLines(
        keys[starts], np.add.reduceat(documents[order], starts), np.minimum.reduceat(ranks[order], starts)
    )
