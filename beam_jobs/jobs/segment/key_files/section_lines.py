"""Reads the lines of the documents of a section of a key file."""

import numpy as np

from beam_jobs.jobs.segment.key_files.key_sections import FACT_PARTS, FIRST_KEYS, KEY_RANGES
from beam_jobs.jobs.segment.key_files.line_lists import LINE, LINE_RANGES, BatchLines
from beam_jobs.jobs.segment.key_files.parts import read_parts


def first_line_part(bands: int) -> int:
    """The number of the first range of keys of lines among the parts of a section with so many `bands`."""
    return FIRST_KEYS + (1 + bands) * KEY_RANGES + FACT_PARTS


def read_lines(uri: str, section: int, bands: int) -> BatchLines:
    """All lines of the section that begins at byte `section` of a key file; their words are not told."""
    first = first_line_part(bands) + LINE_RANGES
    counts, table = read_parts(uri, section, first, first + 2)
    return BatchLines(np.frombuffer(counts, "<u4").astype(np.int64), np.frombuffer(table, LINE), np.empty(0, np.int64))


def read_document_words(uri: str, section: int, bands: int) -> np.ndarray:
    """The words of each document of a section, uint32 [documents]; a line that stands in it several times counts once."""
    last = first_line_part(bands) + LINE_RANGES + 2
    return np.frombuffer(read_parts(uri, section, last, last + 1)[0], "<u4")
