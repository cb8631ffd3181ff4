"""Finds the running heads and page numbers of documents: short lines that stand on many pages of one document."""

import numpy as np

from beam_jobs.duplicates.line_keys import line_keys

_NEWLINE = 0x0A
_MOST_WORDS = 12  # of a line; a longer one that stands often is text
_APART = 3  # lines from one to the next; nearer ones are on one page, such as answers in a dialogue


def line_ends(data: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the lines of documents end, int64 [lines], and the document of each line, int64 [lines].

    `data` is uint8, UTF-8; document i ends before byte `ends[i]` (int64), and i + 1 begins there. A newline belongs to the line before
    it; each document has a line more than newlines.
    """
    newlines = np.flatnonzero(data == _NEWLINE) + 1
    documents = np.searchsorted(ends, newlines - 1, side="right")
    every = np.concatenate([newlines, ends])
    of = np.concatenate([documents, np.arange(len(ends))])
    order = np.lexsort((every, of))
    return every[order].astype(np.int64), of[order].astype(np.int64)


def find_furniture(data: np.ndarray, ends: np.ndarray, documents: np.ndarray, pages: int) -> np.ndarray:
    """Whether each line stands, digits and case alike, on `pages` or more pages of its document; bool [lines].

    `ends` and `documents` are those of `line_ends`. Only lines of 1 to 12 words count, and a page is a place three or
    more lines behind the one before.
    """
    found = line_keys(data, ends)
    lines = np.flatnonzero((found.words > 0) & (found.words <= _MOST_WORDS))
    furniture = np.zeros(len(ends), bool)
    if not lines.size:
        return furniture
    lines = lines[np.lexsort((lines, found.keys[lines], documents[lines]))]
    same = (found.keys[lines[1:]] == found.keys[lines[:-1]]) & (documents[lines[1:]] == documents[lines[:-1]])
    begins = np.flatnonzero(np.concatenate([[True], ~same]))
    on_new_page = np.concatenate([[True], ~same | (np.diff(lines) >= _APART)])
    counts = np.add.reduceat(on_new_page, begins, dtype=np.int64)
    sizes = np.diff(np.append(begins, lines.size))
    furniture[lines[np.repeat(counts >= pages, sizes)]] = True
    return furniture
