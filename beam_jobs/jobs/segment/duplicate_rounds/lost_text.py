"""The text of removed documents and lines, which is left out when the shards are written."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.duplicate_rounds.removed import STEP, BlockKey, read_runs
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file
from beam_jobs.jobs.segment.duplicate_rounds.statistics import removed_rows


@dataclass(frozen=True, slots=True)
class RunsPlace:
    """Where runs of a block are listed: in the file of a call of a round that leaves text out."""

    call: int
    offset: int
    runs: int
    crc32c: str  # of the whole file
    step: str = STEP  # of the round


@dataclass(frozen=True, slots=True)
class LostText:
    """What one block loses. Documents at the end of one section and the beginning of the next may share a block."""

    bytes: int
    documents: int
    sentences: int
    places: tuple[RunsPlace, ...]


def lost_texts(duplicate_rows: Iterable[ItemRow]) -> dict[BlockKey, LostText]:
    """What each block loses, from the rows of the rounds in any order."""
    lost: dict[BlockKey, LostText] = {}
    for row in sorted(removed_rows(duplicate_rows), key=lambda row: (row.get("step", STEP), row["index"])):
        for number, split, block, size, documents, sentences, offset, runs in row["blocks"]:
            place = RunsPlace(row["index"], offset, runs, row["crc32c"], row.get("step", STEP))
            before = lost.get((number, split, block), LostText(0, 0, 0, ()))
            lost[number, split, block] = LostText(
                before.bytes + size, before.documents + documents, before.sentences + sentences, (*before.places, place)
            )
    return lost


def lost_bytes_left_out(lost: LostText | None, output: str) -> Callable[[bytes], bytes]:
    """A function that is given the bytes of a block, piece by piece, and returns what is kept of each piece."""
    if lost is None:
        return lambda data: data
    listed = [read_runs(round_file(place.step, place.call, output), place.offset, place.runs) for place in lost.places]
    runs = np.sort(np.concatenate(listed), order="begin")
    position = 0

    def leave_out(data: bytes) -> bytes:
        nonlocal position
        begin, end = position, position + len(data)
        position = end
        first, last = np.searchsorted(runs["end"], begin, "right"), np.searchsorted(runs["begin"], end, "left")
        kept, at = [], begin
        for run in runs[first:last]:
            kept.append(data[at - begin : max(int(run["begin"]), begin) - begin])
            at = min(int(run["end"]), end)
        return b"".join((*kept, data[at - begin :]))

    return leave_out
