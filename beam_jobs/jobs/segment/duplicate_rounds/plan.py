"""The plan of the rounds: where the keys of the corpus lie, and how they are divided among the calls of each round."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from beam_jobs import storage
from beam_jobs.duplicates.band_keys import BANDS
from beam_jobs.execution.output_folder import temporary_folder
from beam_jobs.execution.run_once import ItemRow, content_hash, run_once
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.key_files.document_rank import whole_ranks
from beam_jobs.jobs.segment.key_files.key_sections import FIRST_KEYS, KEY_RANGES, KEYS, SAMPLE_PART
from beam_jobs.jobs.segment.key_files.parts import (
    CheckedStream,
    read_exactly,
    read_offsets,
    read_parts,
    write_section,
)
from beam_jobs.records import WORK_FOLDER
from beam_jobs.storage.in_order import in_order

STEP = "duplicates"
_KEYS_PER_CALL = 4_000_000  # of one band
_PART_DOCUMENTS = 160_000  # in `pairs`: at most 128 links of each, 16 bytes a link
_GROUP_DOCUMENTS = 131_072  # in `kept` and `removed`
_OPEN_AT_ONCE = 16
_TABLES = 6


@dataclass(frozen=True, slots=True)
class RoundTask:
    """The work of one call of a round: its number, and a hash of what it reads."""

    number: int
    made_from: str

    @property
    def name(self) -> str:
        """The name of the item."""
        return f"{self.number:06d}"


@dataclass(frozen=True)
class RoundPlan:
    """The sections of all key files in the order of the input, and the cuts through the corpus.

    Arrays are int64. The documents of the corpus are numbered in the order of the input.
    """

    ranges: np.ndarray  # [sections], the item of the input plan that wrote the section
    offsets: np.ndarray  # [sections], where it begins in the key file of that item
    begins: np.ndarray  # [sections + 1], the number of its first document; the last one is that of all documents
    rank_cuts: np.ndarray  # [parts - 1], whole ranks: documents are divided by them in the round `pairs`
    groups: np.ndarray  # [groups + 1], sections: so they are divided in the rounds `kept` and `removed`
    key_ranges: int  # calls for each list of keys
    bands: int

    @property
    def documents(self) -> int:
        """Of the corpus."""
        return int(self.begins[-1])

    @property
    def group_begins(self) -> np.ndarray:
        """The first document of each group, and the number of all documents; int64 [groups + 1]."""
        return self.begins[self.groups]

    def key_file(self, section: int, output: str) -> str:
        """The key file with a section."""
        return storage.join(output, KEYS, f"{self.ranges[section]:06d}.bin")


def read_plan_of_rounds(output: str, step: str = STEP) -> RoundPlan:
    """The plan that `write_plan_of_rounds` wrote, or that `write_round_plan` wrote for another step."""
    tables = read_parts(plan_file(output, step), 0, 0, _TABLES)
    *arrays, numbers = [np.frombuffer(table, "<i8") for table in tables]
    ranges, offsets, begins, rank_cuts, groups = arrays
    key_ranges, bands = numbers.tolist()
    return RoundPlan(ranges, offsets, begins, rank_cuts, groups, key_ranges, bands)


def read_cuts(task: int, output: str, step: str = STEP) -> np.ndarray:
    """Where the keys of a call begin and end in the key file of each section, int64 [2, sections].

    Calls 0 to `key_ranges - 1` have the exact keys, the next ones those of band 0, and so on.
    """
    rows = read_parts(plan_file(output, step), 0, _TABLES + task, _TABLES + task + 2)
    return np.stack([np.frombuffer(row, "<i8") for row in rows])


def write_plan_of_rounds(range_rows: Iterable[ItemRow], job: SegmentJob) -> ItemRow:
    """Write the plan for the rows of the ranges, in their order; its row, or that of an earlier call.

    The row has `key_ranges`, `parts` and `groups`, the numbers of calls, and `content`, a hash of all keys.
    """
    rows = [(row["index"], row["keys"]["crc32c"], row["keys"]["sections"]) for row in range_rows]
    content = content_hash([(index, crc32c) for index, crc32c, _ in rows])
    return run_once(job.output, STEP, "000000", lambda: _write(rows, content, job), content, run=job.hash)


def plan_file(output: str, step: str = STEP) -> str:
    """The file of the plan."""
    return storage.join(output, WORK_FOLDER, step, "000000.bin")


def write_round_plan(plan: RoundPlan, cuts: np.ndarray, output: str, step: str) -> dict[str, list[int | str]]:
    """Write a plan; `cuts` (int64 [calls + 1, sections]) is where the keys of each call begin. Returns what `run_once` must know."""
    numbers = np.array([plan.key_ranges, plan.bands])
    arrays = (plan.ranges, plan.offsets, plan.begins, plan.rank_cuts, plan.groups, numbers)
    tables = [np.asarray(table, "<i8").tobytes() for table in arrays]
    sizes = np.array([*map(len, tables), *[cuts.shape[1] * 8] * len(cuts)])
    with storage.atomic_writer(plan_file(output, step), temporary_folder(output)) as target:
        stream = CheckedStream(target)
        write_section(stream, sizes, (*tables, *(np.asarray(row, "<i8").tobytes() for row in cuts)))
    return {storage.join(WORK_FOLDER, step, "000000.bin"): stream.wrote}


def _write(rows: list[tuple[int, str, list[list[int]]]], content: str, job: SegmentJob) -> ItemRow:
    places = np.array([(index, offset, n) for index, _, sections in rows for n, offset, *_ in sections], np.int64)
    ranges, offsets, counts = places.reshape(-1, 3).T
    begins = np.concatenate(([0], np.cumsum(counts)))
    documents = int(begins[-1])
    bands = BANDS if job.settings.duplicates == "near" else 0
    key_ranges = min(KEY_RANGES, 1 << max(0, math.ceil(math.log2(max(documents, 1) / _KEYS_PER_CALL))))
    uris = [storage.join(job.output, KEYS, f"{index:06d}.bin") for index in ranges]
    columns = FIRST_KEYS + np.arange((1 + bands) * key_ranges + 1) * (KEY_RANGES // key_ranges)
    cuts = np.empty((len(columns), len(uris)), "<i8")
    samples: list[np.ndarray] = []
    last = FIRST_KEYS + (1 + bands) * KEY_RANGES
    read = in_order(lambda place: _head(*place, last), zip(uris, offsets.tolist(), strict=True), _OPEN_AT_ONCE)
    for section, (head, sample) in enumerate(read):
        cuts[:, section] = head[columns]
        samples.append(whole_ranks(sample >> 32, (sample & 0xFFFFFFFF) + begins[section]))
    groups = _groups(begins)
    rank_cuts = _rank_cuts(samples, counts)
    plan = RoundPlan(ranges, offsets, begins, rank_cuts, groups, key_ranges, bands)
    wrote = write_round_plan(plan, cuts, job.output, STEP)
    return {
        "content": content,
        "documents": documents,
        "key_ranges": key_ranges,
        "bands": bands,
        "parts": len(rank_cuts) + 1,
        "groups": len(groups) - 1,
        "wrote": wrote,
    }


def _head(uri: str, section: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """The offsets of the parts of a section up to `last`, and the sample of its ranks."""
    offsets = read_offsets(uri, section, 0, last)
    begin, end = offsets[SAMPLE_PART : SAMPLE_PART + 2].tolist()
    return offsets, np.frombuffer(read_exactly(uri, begin, end - begin), "<i8").astype(np.int64)


def _groups(begins: np.ndarray) -> np.ndarray:
    """Sections in a row, of about _GROUP_DOCUMENTS documents together; a section is never divided."""
    if len(begins) == 1:
        return np.array([0])
    number = begins[:-1] // _GROUP_DOCUMENTS
    return np.concatenate((np.flatnonzero(np.concatenate(([True], number[1:] != number[:-1]))), [len(number)]))


def _rank_cuts(samples: list[np.ndarray], counts: np.ndarray) -> np.ndarray:
    """Whole ranks that divide the corpus into parts of about _PART_DOCUMENTS."""
    parts = -(-int(counts.sum()) // _PART_DOCUMENTS)
    if parts < 2 or not len(samples[0]):
        return np.empty(0, np.int64)
    ranks = np.concatenate(samples)
    weights = np.repeat(counts / len(samples[0]), len(samples[0]))
    order = np.argsort(ranks)
    shares = np.cumsum(weights[order]) / weights.sum()
    places = np.searchsorted(shares, np.arange(1, parts) / parts)
    return np.unique(ranks[order][np.minimum(places, len(order) - 1)])
