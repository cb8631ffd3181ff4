"""The round `removed`: tells each removed document in `filtered/`, counts it, and says which bytes of which block it had."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from beam_jobs import storage
from beam_jobs.execution.merge_counts import merge_counts
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.execution.run_once import ItemRow
from beam_jobs.faults.language_notes import STATISTIC, count_language
from beam_jobs.faults.rejection_file import RejectionFile
from beam_jobs.jobs.segment.duplicate_rounds.choice import read_choice
from beam_jobs.jobs.segment.duplicate_rounds.kept import read_kept
from beam_jobs.jobs.segment.duplicate_rounds.plan import RoundTask, read_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file, run_call
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.document_rank import SPLITS_BY_RANK
from beam_jobs.jobs.segment.key_files.parts import CheckedStream, read_exactly, read_parts, write_section
from beam_jobs.jobs.segment.key_files.section_facts import SectionFacts, read_facts
from beam_jobs.records import Filtered

STEP = "removed"
EXACT_COPY, NEAR_COPY = "duplicate_exact", "duplicate_near"
RUN = np.dtype([("begin", "<u4"), ("end", "<u4")])
"""Bytes of a block that are left out: some removed documents in a row."""

_RUNS, _SOURCES, _PARTS = 0, 1, 2
BlockKey = tuple[int, str, int]  # the range, the split, and which block of this split in the range


@dataclass(frozen=True, slots=True)
class RemovedTask(RoundTask):
    """A group, and the files of `filtered/` to write, by reason; a reason without documents has none."""

    files: tuple[tuple[str, str], ...] = ()


@dataclass
class _Block:
    bytes: int = 0
    sentences: int = 0
    documents: int = 0
    runs: list[list[int]] = field(default_factory=list)


def tell_removed(task: RemovedTask, job: SegmentJob) -> ItemRow:
    """Tell the removed documents of a group.

    The row has `counts`, what is to be added to the counts of the ranges; `documents`, how many were told by reason; and
    `blocks`, a list for each block that loses documents: range, split, which block of the split, bytes, documents and
    sentences that it loses, and where its runs are in the file of this call: offset and number.
    """
    return run_call(STEP, task, job, lambda stream: _tell(task, job.output, stream))


def read_runs(file: str, offset: int, runs: int) -> np.ndarray:
    """The runs of one block, RUN [runs], in their order."""
    return np.frombuffer(read_exactly(file, offset, runs * RUN.itemsize), RUN)


def read_source_pairs(group: int, output: str) -> Counter[tuple[str, str]]:
    """How many documents were removed, by the source of the kept document and of their own."""
    (data,) = read_parts(round_file(STEP, group, output), 0, _SOURCES, _SOURCES + 1)
    return Counter({(kept, removed): count for kept, removed, count in orjson.loads(data)})


def _tell(task: RemovedTask, output: str, stream: CheckedStream) -> dict[str, Any]:
    plan = read_plan_of_rounds(output)
    files = {reason: storage.join(output, name) for reason, name in task.files}
    kept = read_kept(plan, task.number, output) if files else {}
    told: Counter[str] = Counter()
    counts: list[dict[str, Any]] = []
    sources: Counter[tuple[str, str]] = Counter()
    blocks: dict[BlockKey, _Block] = {}
    with ExitStack() as stack:
        lines = {reason: RejectionFile(uri, temporary_folder(output), stack) for reason, uri in files.items()}
        for section in range(int(plan.groups[task.number]), int(plan.groups[task.number + 1])) if files else ():
            begin, end = plan.begins[section : section + 2].tolist()
            chosen, shared = read_choice(begin, end, plan.documents, output)
            removed = np.flatnonzero(chosen != np.arange(begin, end))
            if not len(removed):
                continue
            facts = read_facts(plan.key_file(section, output), int(plan.offsets[section]), plan.bands)
            of_kept = [kept[begin + place] for place in removed.tolist()]
            for line in _filtered(facts, removed, shared[removed].tolist(), of_kept):
                lines[line.reason].write(line)
                told[line.reason] += 1
            own = (facts.sources[number][1] for number in facts.table["source"][removed].tolist())
            sources.update(zip((source for _, _, source, _ in of_kept), own, strict=True))
            counts.append(_counts(facts, removed, shared[removed]))
            _add_runs(blocks, int(plan.ranges[section]), facts.table[removed])
    wrote = {name: lines[reason].wrote for reason, name in task.files}
    rows = _write_runs(stream, blocks, sources)
    return {"documents": dict(told), "counts": merge_counts(counts), "blocks": rows, "wrote": wrote}


def _filtered(
    facts: SectionFacts, removed: np.ndarray, shared: list[int], kept: Sequence[tuple[str, str, str, int]]
) -> Iterator[Filtered]:
    """The entries of the removed documents of a section, to each of which one of `shared` and of `kept` belongs."""
    table = facts.table[removed]
    columns = [table[name].tolist() for name in ("source", "offset", "size")]
    for place, bands, of_kept, source, offset, size in zip(removed.tolist(), shared, kept, *columns, strict=True):
        kept_id, kept_name, _, kept_offset = of_kept
        yield Filtered(
            source=facts.sources[source][0],
            offset=offset,
            reason=NEAR_COPY if bands else EXACT_COPY,
            id=facts.id_of(place),
            size=size,
            kept_id=kept_id,
            kept_source=kept_name,
            kept_offset=kept_offset,
            shared_bands=bands,
        )


def _counts(facts: SectionFacts, removed: np.ndarray, shared: np.ndarray) -> dict[str, Any]:
    """What the removed documents of a section change in the counts of their range: less there, more filtered."""
    table = facts.table[removed]
    counts: dict[str, Any] = {"splits": {}, "sources": {}, "filtered": {}, "filtered_bytes": {}}
    for number in np.unique(table["split"]).tolist():
        of_split = table[table["split"] == number]
        lost = {"num_documents": -len(of_split), "num_sentences": -int(of_split["sentences"].sum(dtype=np.int64))}
        counts["splits"][SPLITS_BY_RANK[number]] = lost
    for number in np.unique(table["source"]).tolist():
        of_source = table[table["source"] == number]
        lost = {
            "documents": -len(of_source),
            "sentences": -int(of_source["sentences"].sum(dtype=np.int64)),
            "bytes_out": -int(of_source["bytes"].sum(dtype=np.int64)),
            "filtered": len(of_source),
        }
        before = counts["sources"].setdefault(facts.sources[number][1], dict.fromkeys(lost, 0))
        counts["sources"][facts.sources[number][1]] = {name: before[name] + lost[name] for name in lost}
    for reason, of_kind in ((EXACT_COPY, shared == 0), (NEAR_COPY, shared > 0)):
        if of_kind.any():
            counts["filtered"][reason] = int(np.count_nonzero(of_kind))
            counts["filtered_bytes"][reason] = int(table["size"][of_kind].sum(dtype=np.int64))
    languages: Counter[str] = Counter()
    for number in table["language"].tolist():
        count_language(languages, facts.languages[number])
    counts[STATISTIC] = {name: -count for name, count in languages.items()}
    counts["sentence_length_log2"] = (-facts.length_counts(removed)).tolist()
    return counts


def _add_runs(blocks: dict[BlockKey, _Block], range_number: int, table: np.ndarray) -> None:
    columns = [table[name].tolist() for name in ("split", "block", "begin", "bytes", "sentences")]
    for split, number, begin, size, sentences in zip(*columns, strict=True):
        block = blocks.setdefault((range_number, SPLITS_BY_RANK[split], number), _Block())
        block.bytes += size
        block.documents += 1
        block.sentences += sentences
        if block.runs and block.runs[-1][1] == begin:
            block.runs[-1][1] = begin + size
        else:
            block.runs.append([begin, begin + size])


def _write_runs(
    stream: CheckedStream, blocks: dict[BlockKey, _Block], sources: Counter[tuple[str, str]]
) -> list[list[Any]]:
    rows: list[list[Any]] = []
    runs = [tuple(run) for block in blocks.values() for run in block.runs]
    pairs = orjson.dumps([[*pair, count] for pair, count in sorted(sources.items())])
    data = [np.array(runs, RUN).tobytes(), pairs]
    write_section(stream, np.array([len(part) for part in data]), data)
    offset = (_PARTS + 1) * 8
    for (number, split, place), block in blocks.items():
        count = len(block.runs)
        rows.append([number, split, place, block.bytes, block.documents, block.sentences, offset, count])
        offset += count * RUN.itemsize
    return rows
