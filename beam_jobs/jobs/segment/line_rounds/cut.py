"""The round `cut`: leaves lines and contained documents out, tells the documents of which nothing is left, and counts it all."""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from beam_jobs import storage
from beam_jobs.execution.merge_counts import merge_counts
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.execution.run_once import ItemRow
from beam_jobs.faults.rejection_file import RejectionFile
from beam_jobs.jobs.segment.duplicate_rounds.kept import read_kept
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundPlan, RoundTask, read_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.removed import RUN
from beam_jobs.jobs.segment.duplicate_rounds.round_file import run_call
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.document_rank import SPLITS_BY_RANK
from beam_jobs.jobs.segment.key_files.line_lists import BatchLines
from beam_jobs.jobs.segment.key_files.parts import CheckedStream, write_section
from beam_jobs.jobs.segment.key_files.section_facts import SectionFacts, read_facts
from beam_jobs.jobs.segment.key_files.section_lines import read_lines
from beam_jobs.jobs.segment.line_rounds import holders
from beam_jobs.jobs.segment.line_rounds import plan as line_plan
from beam_jobs.jobs.segment.line_rounds.gather import read_forms
from beam_jobs.jobs.segment.line_rounds.left_out import LeftOut
from beam_jobs.jobs.segment.line_rounds.losses import CONTAINED, ONLY_REPEATED, Losses, count_losses
from beam_jobs.records import FILTERED_FOLDER, WORK_FOLDER, Filtered

STEP = "cut"
_FILTERED = storage.join(WORK_FOLDER, f"{FILTERED_FOLDER}_lines")


@dataclass(frozen=True, slots=True)
class CutTask(RoundTask):
    """A group, and the number of forms in the corpus."""

    forms: int = 0


class _Runs(NamedTuple):
    """Bytes of blocks that are left out, sorted by split, block and place."""

    split: np.ndarray
    block: np.ndarray
    begin: np.ndarray
    end: np.ndarray


def cut_lines(task: CutTask, job: SegmentJob) -> ItemRow:
    """Leave the lines and the contained documents of a group out.

    The row has `blocks` and `counts` as one of the round `removed` has; `filtered`, the intermediate file with the documents
    of which nothing is left, empty if there are none, and its size and CRC-32C; `documents` is empty, for these are told later.
    """
    return run_call(STEP, task, job, lambda stream: _cut(task, job, stream))


def _cut(task: CutTask, job: SegmentJob, stream: CheckedStream) -> dict[str, Any]:
    output = job.output
    plan = read_plan_of_rounds(output, line_plan.STEP)
    sections = range(int(plan.groups[task.number]), int(plan.groups[task.number + 1]))
    lines = [read_lines(plan.key_file(section, output), int(plan.offsets[section]), plan.bands) for section in sections]
    kept = read_kept(plan, task.number, output, holders.STEP) if job.settings.contained else {}
    left_out = LeftOut(plan.documents, output, job.settings.contained > 0)
    repeated = _repeated(plan, sections.start, lines, task.forms, left_out, output)
    name = storage.join(_FILTERED, f"{task.name}.jsonl")
    counts: list[dict[str, Any]] = []
    blocks: list[list[Any]] = []
    data: list[bytes] = []
    begin = 0
    with ExitStack() as stack:
        filtered = RejectionFile(storage.join(output, name), temporary_folder(output), stack)
        for section, of_section in zip(sections, lines, strict=True):
            here = repeated[begin : begin + len(of_section.table)]
            begin += len(of_section.table)
            first, end = plan.begins[section : section + 2].tolist()
            contained = np.zeros(end - first, bool)
            contained[[document - first for document in kept if first <= document < end]] = True
            if here.any() or contained.any():
                facts = read_facts(plan.key_file(section, output), int(plan.offsets[section]), plan.bands)
                here |= np.repeat(contained, of_section.counts)
                losses = Losses.of(facts, of_section, here, contained)
                for place in np.flatnonzero(losses.emptied).tolist():
                    filtered.write(_told(facts, place, kept.get(first + place)))
                counts.append(count_losses(facts, of_section, here, losses))
                blocks += _blocks(
                    int(plan.ranges[section]), facts, losses, _runs(facts, of_section, here, losses), data
                )
    write_section(stream, np.array([sum(map(len, data))]), data)
    told = filtered.written > 0
    return {
        "step": STEP,
        "documents": {},
        "counts": merge_counts(counts),
        "blocks": blocks,
        "filtered": name if told else "",
        "filtered_file": filtered.wrote,
        "wrote": {name: filtered.wrote} if told else {},
    }


def _repeated(
    plan: RoundPlan, first: int, lines: list[BatchLines], forms: int, left_out: LeftOut, output: str
) -> np.ndarray:
    """Whether each line of the group leaves its document because it stands in many, bool [lines]."""
    counts = np.concatenate([of_section.counts for of_section in lines]) if lines else np.empty(0, np.int64)
    keys = np.concatenate([of_section.table["key"] for of_section in lines]) if lines else np.empty(0, np.uint64)
    documents = np.repeat(int(plan.begins[first]) + np.arange(len(counts)), counts)
    order = np.argsort(keys)
    in_order = keys[order]
    gone = np.zeros(len(keys), bool)
    for some in read_forms(forms, output):
        begin = np.searchsorted(in_order, some["key"][0])
        end = np.searchsorted(in_order, some["key"][-1], side="right")
        found = np.searchsorted(some["key"], in_order[begin:end])
        same = some["key"][found] == in_order[begin:end]
        places = order[begin:end][same]
        gone[places] = some["kept"][found[same]] != documents[places]
    return gone & ~left_out(documents)


def _told(facts: SectionFacts, place: int, kept: tuple[str, str, str, int] | None) -> Filtered:
    """The entry of a document; `kept` is the id, the file, the source and the offset of the one that contains it."""
    fact = facts.table[place]
    source, _ = facts.sources[fact["source"]]
    told = Filtered(source, int(fact["offset"]), ONLY_REPEATED, id=facts.id_of(place), size=int(fact["size"]))
    if kept is None:
        return told
    kept_id, kept_source, _, kept_offset = kept
    return replace(told, reason=CONTAINED, kept_id=kept_id, kept_source=kept_source, kept_offset=kept_offset)


def _runs(facts: SectionFacts, lines: BatchLines, gone: np.ndarray, losses: Losses) -> _Runs:
    """The bytes that a section loses: lines, and documents with the empty line behind them."""
    table = facts.table
    sizes = lines.table["bytes"].astype(np.int64)
    ends = np.cumsum(sizes)
    of_document = np.repeat(np.arange(len(table)), lines.counts)
    first = np.concatenate(([0], ends))[np.cumsum(lines.counts) - lines.counts]
    cut = np.flatnonzero(gone & ~losses.emptied[of_document])
    emptied = np.flatnonzero(losses.emptied)
    shift = table["begin"].astype(np.int64) - first  # from a place in all lines to one in the block
    documents = np.concatenate((of_document[cut], emptied))
    begin = np.concatenate(((ends - sizes)[cut] + shift[of_document[cut]], table["begin"][emptied].astype(np.int64)))
    size = np.concatenate((sizes[cut], table["bytes"][emptied].astype(np.int64)))
    split, block = table["split"][documents], table["block"][documents]
    order = np.lexsort((begin, block, split))
    split, block, begin, end = split[order], block[order], begin[order], (begin + size)[order]
    new = np.ones(len(order), bool)
    new[1:] = (split[1:] != split[:-1]) | (block[1:] != block[:-1]) | (begin[1:] != end[:-1])
    last = np.flatnonzero(np.concatenate((new[1:], [True])))
    return _Runs(split[new], block[new], begin[new], end[last])


def _blocks(range_number: int, facts: SectionFacts, losses: Losses, runs: _Runs, data: list[bytes]) -> list[list[Any]]:
    """A list for each block that loses something, as in the rows of the round `removed`; its runs go to `data`."""
    table = facts.table
    rows = []
    offset = 2 * 8 + sum(map(len, data))  # behind the head of the section
    for split, block in sorted(set(zip(runs.split.tolist(), runs.block.tolist(), strict=True))):
        here = (table["split"] == split) & (table["block"] == block)
        of_block = (runs.split == split) & (runs.block == block)
        part = np.empty(int(np.count_nonzero(of_block)), RUN)
        part["begin"], part["end"] = runs.begin[of_block], runs.end[of_block]
        lost = int(losses.bytes[here].sum()), int(losses.emptied[here].sum()), int(losses.sentences[here].sum())
        rows.append([range_number, SPLITS_BY_RANK[split], block, *lost, offset, len(part)])
        data.append(part.tobytes())
        offset += len(data[-1])
    return rows
