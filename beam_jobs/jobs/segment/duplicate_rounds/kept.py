"""The round `kept`: where the kept documents are from, told to the calls that have the removed ones."""

from collections.abc import Iterator, Sequence

import numpy as np
import orjson

from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.duplicate_rounds import choice
from beam_jobs.jobs.segment.duplicate_rounds.choice import REMOVED
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundPlan, RoundTask, read_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file, run_call
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.parts import CheckedStream, read_parts, write_section
from beam_jobs.jobs.segment.key_files.section_facts import read_facts

STEP = "kept"
_LINES_AT_ONCE = 100_000


def tell_kept(task: RoundTask, chunks: Sequence[int], job: SegmentJob) -> ItemRow:
    """Write a line for each removed document whose kept one is in this group, cut by the group of the removed one.

    `chunks` is from the row of the choice. The row has `groups`, how many documents of this group are kept for others, and
    `largest_group`, the most documents that were one with one of them, itself among them.
    """
    uri = round_file(choice.STEP, 0, job.output)

    def write(stream: CheckedStream) -> dict[str, int]:
        return write_kept(read_plan_of_rounds(job.output), uri, chunks, task.number, job.output, stream)

    return run_call(STEP, task, job, write)


def read_kept(plan: RoundPlan, group: int, output: str, step: str = STEP) -> dict[int, tuple[str, str, str, int]]:
    """For each removed document of a group: the id, file, source and offset of the kept one."""
    kept: dict[int, tuple[str, str, str, int]] = {}
    for call in range(len(plan.groups) - 1):
        for line in read_parts(round_file(step, call, output), 0, group, group + 1)[0].splitlines():
            document, *of_kept = orjson.loads(line)
            kept[document] = tuple(of_kept)
    return kept


def write_kept(
    plan: RoundPlan, uri: str, chunks: Sequence[int], group: int, output: str, stream: CheckedStream
) -> dict[str, int]:
    """As `tell_kept`, of the choice (sections of REMOVED, cut by the group of the kept document) in the file `uri`."""
    removed = np.frombuffer(b"".join(read_parts(uri, chunk, group, group + 1)[0] for chunk in chunks), REMOVED)
    removed = removed[np.argsort(removed["kept"], kind="stable")]
    kept, counts = np.unique(removed["kept"], return_counts=True)
    told: list[bytes] = []
    for section in range(int(plan.groups[group]), int(plan.groups[group + 1])):
        begin, end = plan.begins[section : section + 2].tolist()
        of_section = kept[(kept >= begin) & (kept < end)]
        if len(of_section):
            facts = read_facts(plan.key_file(section, output), int(plan.offsets[section]), plan.bands)
            for place in (of_section - begin).tolist():
                name, source = facts.sources[facts.table["source"][place]]
                of_kept = [facts.id_of(place), name, source, int(facts.table["offset"][place])]
                told.append(b"," + orjson.dumps(of_kept)[1:] + b"\n")
    places = np.repeat(np.arange(len(kept)), counts)
    order = np.argsort(removed["document"])
    documents, places = removed["document"][order], places[order]
    _write_lines(stream, documents, places, told, plan.group_begins)
    return {"groups": len(kept), "largest_group": int(counts.max()) + 1 if len(kept) else 0}


def _write_lines(
    stream: CheckedStream, documents: np.ndarray, places: np.ndarray, told: Sequence[bytes], group_begins: np.ndarray
) -> None:
    """Write the lines of removed documents, sorted, each with what is told of the kept one at its place in `told`.

    A document may be kept for millions, so the lines are not held together.
    """
    sizes = np.array([len(rest) for rest in told], np.int64)[places] + 1 + _digits(documents)
    ends = np.concatenate(([0], np.cumsum(sizes)))
    parts = np.diff(ends[np.searchsorted(documents, group_begins)])

    def lines() -> Iterator[bytes]:
        for start in range(0, len(documents), _LINES_AT_ONCE):
            part = slice(start, start + _LINES_AT_ONCE)
            pairs = zip(documents[part].tolist(), places[part].tolist(), strict=True)
            yield b"".join([b"[%d%b" % (document, told[place]) for document, place in pairs])

    write_section(stream, parts, lines())


def _digits(numbers: np.ndarray) -> np.ndarray:
    return 1 + np.searchsorted(10 ** np.arange(1, 11), numbers, side="right")
