"""The keys and facts of the documents of a range, in sections of its key file.

A range of one huge compressed file has many documents, so its keys are written whenever there are enough for a section.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import orjson

from beam_jobs import storage
from beam_jobs.jobs.segment.key_files.document_rank import SPLITS_BY_RANK, pack_rank
from beam_jobs.jobs.segment.key_files.line_lists import LINE_BYTES, BatchLines, line_parts
from beam_jobs.jobs.segment.key_files.parts import CheckedStream, write_section
from beam_jobs.records import WORK_FOLDER

KEYS = storage.join(WORK_FOLDER, "keys")
"""The folder of key files, one for each item of the input plan."""

EXACT = np.dtype([("key", "<u8"), ("check", "<u8"), ("rank", "<u4"), ("document", "<u4")])
BAND = np.dtype([("key", "<u8"), ("rank", "<u4"), ("document", "<u4")])
"""A document in the list of a band: `document` counts from the beginning of the section."""

KEY_RANGES = 64
"""A list of keys is cut into so many ranges of keys of equal width; the exchange joins as many as fit into memory."""

FACTS = np.dtype(
    [("offset", "<u8")]
    + [(name, "<u4") for name in ("size", "bytes", "begin", "block", "sentences", "source", "language", "split")]
)
SAMPLE_PART, FIRST_KEYS = 0, 1
FACT_PARTS = 5  # at the end: facts, ends of the ids, ids, lengths of sentences, names
_SAMPLES = 64
_SECTION_DOCUMENTS = 1 << 16
_SECTION_BYTES = 16 << 20  # of ids and lengths
_SHIFT = np.uint64(58)
_GOLDEN = 0.6180339887498949
_MOST = (1 << 32) - 1


class BatchKeys(NamedTuple):
    """Keys of the documents of a batch."""

    exact: np.ndarray  # uint64 [documents, 2], zeros for a document without words
    bands: np.ndarray  # uint64 [documents, bands], or [documents, 0]; 0 for no key


class DocumentFacts(NamedTuple):
    """What the rounds need to know about one document that was written to the intermediate text."""

    id: str
    name: str  # of the file that it is from
    source: str  # the name of the source in the statistics
    language: str
    split: str
    offset: int  # in the input
    size: int  # bytes of the input
    block: int  # the how manieth block of its split in this range
    begin: int  # in the block
    text_bytes: int
    lengths: "array[int]"  # of the sentences, in characters; type code Q
    line_ends: "array[int]" = array("Q")  # sentences up to the end of each line of the input, if lines are compared


@dataclass
class KeySections:
    """Writes the sections of one key file. `rows` lists them: documents and offset of each, and the number of lines.

    `bands` is 0 if only exact keys are wanted; with `facts` the documents can be told apart and left out later, and with
    `lines` also single lines of them.
    """

    stream: CheckedStream
    bands: int
    facts: bool
    lines: bool = False
    rows: list[list[int]] = field(default_factory=list)
    _keys: list[BatchKeys] = field(default_factory=list)
    _facts: list[DocumentFacts] = field(default_factory=list)
    _lines: list[BatchLines] = field(default_factory=list)
    _documents: int = 0
    _bytes: int = 0

    def add(self, keys: BatchKeys, facts: Sequence[DocumentFacts], lines: BatchLines | None = None) -> None:
        """Add documents in the order of the input; `facts` is empty and `lines` None if they are not wanted."""
        self._keys.append(keys)
        self._documents += len(keys.exact)
        if self.facts:
            self._facts.extend(facts)
            self._bytes += sum(len(fact.id) + len(fact.lengths) for fact in facts)
        if lines is not None:
            self._lines.append(lines)
            self._bytes += LINE_BYTES * len(lines.table)
        if self._documents >= _SECTION_DOCUMENTS or self._bytes >= _SECTION_BYTES:
            self._write()

    def finish(self) -> None:
        """Write the last section."""
        if self._documents:
            self._write()

    def _write(self) -> None:
        start = self.stream.written
        ranks = np.array([pack_rank(fact.split, fact.text_bytes) for fact in self._facts], np.int64)
        if not self.facts:
            ranks = np.zeros(self._documents, np.int64)
        exact = np.concatenate([keys.exact for keys in self._keys])
        lists = [_exact_list(exact, ranks)]
        bands = np.ascontiguousarray(np.concatenate([keys.bands for keys in self._keys]).T)
        self._keys.clear()
        lists += [_band_list(bands[band], ranks) for band in range(self.bands)]
        sample = _sample(ranks, len(self.rows)) if self.bands or self.lines else b""
        facts = _fact_parts(self._facts) if self.facts else [b""] * FACT_PARTS
        sizes = [len(sample)]
        for records in lists:
            in_range = np.bincount((records["key"] >> _SHIFT).astype(np.int64), minlength=KEY_RANGES)
            sizes += (in_range * records.itemsize).tolist()
        sizes += map(len, facts)
        line_sizes, lines = line_parts(self._lines, ranks) if self.lines else ([], [])
        sizes += line_sizes
        write_section(self.stream, np.array(sizes), [sample, *(records.tobytes() for records in lists), *facts, *lines])
        counted = [sum(len(batch.table) for batch in self._lines)] if self.lines else []
        self.rows.append([self._documents, start, *counted])
        self._facts.clear()
        self._lines.clear()
        self._documents = self._bytes = 0


def _exact_list(exact: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    documents = np.flatnonzero(exact.any(axis=1))
    documents = documents[np.argsort(exact[documents, 0])]
    records = np.empty(len(documents), EXACT)
    records["key"], records["check"] = exact[documents, 0], exact[documents, 1]
    records["rank"], records["document"] = ranks[documents], documents
    return records


def _band_list(keys: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    documents = np.flatnonzero(keys)
    documents = documents[np.argsort(keys[documents])]  # four times as fast as a stable sort; equal keys need no order
    records = np.empty(len(documents), BAND)
    records["key"], records["rank"], records["document"] = keys[documents], ranks[documents], documents
    return records


def _sample(ranks: np.ndarray, section: int) -> bytes:
    """Ranks at equal distances in the order of the ranks, from which the plan guesses their distribution in the corpus."""
    whole = np.sort((ranks << 32) | np.arange(len(ranks)))
    phase = (len(ranks) * _GOLDEN + section * _GOLDEN) % 1.0
    places = ((np.arange(_SAMPLES) + phase) * len(ranks) / _SAMPLES).astype(np.int64)
    return whole[places].astype("<i8").tobytes()


def _fact_parts(facts: Sequence[DocumentFacts]) -> list[bytes]:
    """The facts as five parts, whose names are numbered in the order in which they come."""
    sources: dict[tuple[str, str], int] = {}
    languages: dict[str, int] = {}
    table = np.zeros(len(facts), FACTS)
    rows: list[tuple[Any, ...]] = []
    for fact in facts:
        source = sources.setdefault((fact.name, fact.source), len(sources))
        language = languages.setdefault(fact.language, len(languages))
        split = SPLITS_BY_RANK.index(fact.split)
        size, offset = min(fact.size, _MOST), max(fact.offset, 0)
        row = (offset, size, fact.text_bytes, fact.begin, fact.block, len(fact.lengths), source, language, split)
        rows.append(row)
    table[:] = rows
    ids = [fact.id.encode("utf-8", "replace") for fact in facts]
    ends = np.cumsum([len(id) for id in ids], dtype="<u8")
    names = orjson.dumps({"sources": list(sources), "languages": list(languages)})
    return [
        table.tobytes(),
        ends.tobytes(),
        b"".join(ids),
        _bit_lengths(b"".join(fact.lengths for fact in facts)),
        names,
    ]


def _bit_lengths(lengths: bytes) -> bytes:
    """A byte for each length: the bits of the number, as `int.bit_length` counts them."""
    return np.frexp(np.frombuffer(lengths, np.uint64).astype(np.float64))[1].astype(np.uint8).tobytes()
