"""Reads what the key file of a range says about its documents, besides their keys."""

from dataclasses import dataclass

import numpy as np
import orjson

from beam_jobs.jobs.segment.key_files.key_sections import FACT_PARTS, FACTS, FIRST_KEYS, KEY_RANGES
from beam_jobs.jobs.segment.key_files.parts import read_parts


@dataclass(frozen=True)
class SectionFacts:
    """The documents of one section, in the order of the input."""

    table: np.ndarray  # FACTS [documents]
    sources: list[tuple[str, str]]  # the file and the source in the statistics that `source` numbers
    languages: list[str]
    _id_ends: np.ndarray
    _ids: bytes
    _lengths: bytes

    def id_of(self, document: int) -> str:
        """The id of a document."""
        begin = int(self._id_ends[document - 1]) if document else 0
        return self._ids[begin : int(self._id_ends[document])].decode("utf-8", "replace")

    def length_counts(self, documents: np.ndarray) -> np.ndarray:
        """How many sentences of these documents have each bit length, int64."""
        wanted = np.zeros(len(self.table), bool)
        wanted[documents] = True
        return self.length_counts_of(np.repeat(wanted, self.table["sentences"]))

    def length_counts_of(self, sentences: np.ndarray) -> np.ndarray:
        """How many of these sentences (bool, of all of the section) have each bit length, int64."""
        return np.bincount(np.frombuffer(self._lengths, np.uint8)[sentences])


def read_facts(uri: str, section: int, bands: int) -> SectionFacts:
    """The facts of the section that begins at byte `section` of a key file with so many `bands`."""
    first = FIRST_KEYS + (1 + bands) * KEY_RANGES
    parts = read_parts(uri, section, first, first + FACT_PARTS)
    table, id_ends, ids, lengths, names = parts
    read = orjson.loads(names)
    sources = [(name, source) for name, source in read["sources"]]
    return SectionFacts(
        np.frombuffer(table, FACTS), sources, read["languages"], np.frombuffer(id_ends, "<u8"), ids, lengths
    )
