"""The round `kept`: where the kept documents are from, told to the calls that have the removed ones."""

from collections.abc import Sequence

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


def tell_kept(task: RoundTask, chunks: Sequence[int], job: SegmentJob) -> ItemRow:
    """Write a line for each removed document whose kept one is in this group, cut by the group of the removed one.

    `chunks` is from the row of the choice. The row has `groups`, how many documents of this group are kept for others, and
    `largest_group`, the most documents that were one with one of them, itself among them.
    """
    return run_call(STEP, task, job, lambda stream: _tell(task.number, chunks, job.output, stream))


def read_kept(plan: RoundPlan, group: int, output: str) -> dict[int, tuple[str, str, str, int]]:
    """For each removed document of a group: the id, file, source and offset of the kept one."""
    kept: dict[int, tuple[str, str, str, int]] = {}
    for call in range(len(plan.groups) - 1):
        for line in read_parts(round_file(STEP, call, output), 0, group, group + 1)[0].splitlines():
            document, *of_kept = orjson.loads(line)
            kept[document] = tuple(of_kept)
    return kept


def _tell(group: int, chunks: Sequence[int], output: str, stream: CheckedStream) -> dict[str, int]:
    plan = read_plan_of_rounds(output)
    uri = round_file(choice.STEP, 0, output)
    removed = np.frombuffer(b"".join(read_parts(uri, chunk, group, group + 1)[0] for chunk in chunks), REMOVED)
    removed = removed[np.argsort(removed["kept"], kind="stable")]
    kept, counts = np.unique(removed["kept"], return_counts=True)
    told: list[list[object]] = []
    for section in range(int(plan.groups[group]), int(plan.groups[group + 1])):
        begin, end = plan.begins[section : section + 2].tolist()
        of_section = kept[(kept >= begin) & (kept < end)]
        if len(of_section):
            facts = read_facts(plan.key_file(section, output), int(plan.offsets[section]), plan.bands)
            for place in (of_section - begin).tolist():
                name, source = facts.sources[facts.table["source"][place]]
                told.append([facts.id_of(place), name, source, int(facts.table["offset"][place])])
    of_kept = np.repeat(np.arange(len(kept)), counts)
    order = np.argsort(removed["document"])
    documents = removed["document"][order]
    pairs = zip(documents.tolist(), of_kept[order].tolist(), strict=True)
    lines = [orjson.dumps([document, *told[place]]) + b"\n" for document, place in pairs]
    ends = np.concatenate(([0], np.cumsum([len(line) for line in lines], dtype=np.int64)))
    sizes = np.diff(ends[np.searchsorted(documents, plan.group_begins)])
    write_section(stream, sizes, [b"".join(lines)])
    return {"groups": len(kept), "largest_group": int(counts.max()) + 1 if len(kept) else 0}
