"""The lines of the documents of a section: the list of their keys, and the lines themselves in the order of the text.

They are the last parts of a section, and are there only if lines are compared.
"""

from array import array
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from beam_jobs.duplicates.line_keys import line_keys

LINE_RANGES = 256
"""The list of keys is cut into so many ranges of keys of equal width; the exchange joins as many as fit into memory."""

LINE_KEY = np.dtype([("key", "<u8"), ("rank", "<u4"), ("document", "<u4"), ("words", "<u2")])
"""A line of a document, and its number of words, at most MOST_WORDS; `document` counts from the beginning of the section."""

MOST_WORDS = (1 << 16) - 1

LINE = np.dtype([("key", "<u8"), ("bytes", "<u4"), ("sentences", "<u4")])
"""A line as it is written: the bytes of its sentences with their line breaks."""

LINE_BYTES = LINE_KEY.itemsize + LINE.itemsize

_SHIFT = np.uint64(56)
_NEWLINE = 10


class BatchLines(NamedTuple):
    """The lines of the documents of a batch. A line without words has key 0, which is no key."""

    counts: np.ndarray  # int64 [documents]
    table: np.ndarray  # LINE [lines], document by document
    words: np.ndarray  # int64 [lines], at most MOST_WORDS


def lines_of(texts: Sequence[bytes], line_ends: Sequence["array[int]"], composed: bytes) -> BatchLines:
    """The lines of documents as they are written: a sentence a line, then an empty line.

    Args:
        texts: UTF-8 of each document.
        line_ends: for each document, how many sentences there are up to the end of each of its lines.
        composed: the texts together in Unicode form NFC, from which the keys are computed.
    """
    data = np.frombuffer(b"".join(texts), np.uint8)
    composed_data = np.frombuffer(composed, np.uint8)
    ends, composed_ends = np.flatnonzero(data == _NEWLINE) + 1, np.flatnonzero(composed_data == _NEWLINE) + 1
    sizes = np.array([len(text) for text in texts], np.int64)
    starts_of_documents = np.cumsum(sizes) - sizes
    first = np.searchsorted(ends, starts_of_documents, side="right")  # of its sentences, among all newlines
    of_lines = np.frombuffer(b"".join(line_ends), np.uint64).astype(np.int64)
    documents = np.repeat(np.arange(len(texts)), [len(one) for one in line_ends])
    begins = np.where(_begins_group(documents), 0, np.roll(of_lines, 1))
    filled = of_lines > begins  # an empty line has no sentence
    documents, begins, of_lines = documents[filled], begins[filled], of_lines[filled]
    last = first[documents] + of_lines - 1
    starts = np.where(begins > 0, ends[first[documents] + begins - 1], starts_of_documents[documents])
    table = np.empty(len(last), LINE)
    table["key"], words = line_keys(composed_data, composed_ends[last])
    table["bytes"], table["sentences"] = ends[last] - starts, of_lines - begins
    return BatchLines(np.bincount(documents, minlength=len(texts)), table, np.minimum(words, MOST_WORDS))


def line_parts(batches: Sequence[BatchLines], ranks: np.ndarray) -> tuple[list[int], list[bytes]]:
    """The sizes of the parts, and their bytes; `ranks` (int64 [documents]) are from `pack_rank`.

    Of a line that a document has several times there is one key. The last part has the words of each document, of which the
    same line counts once, uint32.
    """
    counts = np.concatenate([batch.counts for batch in batches])
    table = np.concatenate([batch.table for batch in batches])
    words = np.concatenate([batch.words for batch in batches])
    documents = np.repeat(np.arange(len(counts)), counts)
    worded = np.flatnonzero(table["key"])
    order = worded[np.argsort(table["key"][worded], kind="stable")]
    keys, documents = table["key"][order], documents[order]
    once = _begins_group(keys) | _begins_group(documents)
    records = np.empty(int(np.count_nonzero(once)), LINE_KEY)
    documents, words = documents[once], words[order][once]
    records["key"], records["document"], records["words"] = keys[once], documents, words
    records["rank"] = ranks[documents]
    in_range = np.bincount((records["key"] >> _SHIFT).astype(np.int64), minlength=LINE_RANGES)
    of_documents = np.bincount(documents, words, len(counts))
    data = [counts.astype("<u4").tobytes(), table.tobytes(), of_documents.astype("<u4").tobytes()]
    return (in_range * records.itemsize).tolist() + [len(part) for part in data], [records.tobytes(), *data]


def _begins_group(values: np.ndarray) -> np.ndarray:
    """Whether each value differs from the one before it, bool; the first one does."""
    return np.concatenate(([True], values[1:] != values[:-1])) if len(values) else np.empty(0, bool)
