"""The rows of counters of documents, which the rules judge."""

from collections.abc import Sequence

import numba
import numpy as np

from beam_jobs.quality.character_classes import character_classes
from beam_jobs.quality.count_kernel import LINES, PARAGRAPHS, STOP_WORDS, WORDS, count_document
from beam_jobs.quality.counters import COLUMN, COUNTERS, FIRST_NGRAM_COLUMN, NGRAM_COLUMNS
from beam_jobs.quality.phrases import phrase_table
from beam_jobs.quality.repetition_kernel import count_ngrams, repeated_items, slots_for
from beam_jobs.quality.stop_words import NO_STOP_WORDS, stop_word_row, stop_word_tables

CONFIDENCE_UNITS = 1_000_000
_REPEATED_LINES, _REPEATED_PARAGRAPHS = COLUMN["repeated_lines"], COLUMN["repeated_paragraphs"]
_CONFIDENCE = COLUMN["confidence"]


def count_documents(
    texts: Sequence[str],
    languages: Sequence[str],
    confidences: Sequence[float | None] | None = None,
    *,
    ngrams: bool = True,
) -> np.ndarray:
    """The counters of `texts`, int64 [documents, len(COUNTERS)]; a text may also be a single paragraph.

    `languages` (codes or names, "" for unknown) choose the stop words. `confidences`, from 0 to 1, are those of optical
    character recognition, None where there is none. Without `ngrams` their columns are -1. A row depends on nothing but
    its text, language and confidence.
    """
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]  # a lone surrogate counts as U+FFFD
    ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
    language_rows = np.array([stop_word_row(language) for language in languages], np.int64)
    if len(language_rows) != len(encoded):
        raise ValueError(f"{len(language_rows)} languages for {len(encoded)} texts")
    rows = count_utf8(np.frombuffer(b"".join(encoded), np.uint8), ends, language_rows, ngrams=ngrams)
    if confidences is not None:
        known = [-1 if value is None else round(value * CONFIDENCE_UNITS) for value in confidences]
        rows[:, _CONFIDENCE] = known
    return rows


def count_utf8(data: np.ndarray, ends: np.ndarray, language_rows: np.ndarray, *, ngrams: bool = True) -> np.ndarray:
    """The same for texts that lie one behind the other in `data` (uint8, UTF-8) and end before `ends` (int64).

    `language_rows` (int64 [documents]) are from `stop_word_row`.
    """
    rows = np.empty((len(ends), len(COUNTERS)), np.int64)
    tables = (character_classes(), *phrase_table(), *stop_word_tables())
    _count_all(data, ends, language_rows, tables, ngrams, rows)
    return rows


@numba.njit(cache=True, nogil=True)
def _count_all(data, ends, language_rows, tables, ngrams, rows):
    """Count each document into its row of `rows`. Room grows with the largest document only."""
    classes, phrases, phrase_flags, second_letters, stop_hashes, stop_numbers, stop_shifts = tables
    longest, start = 0, 0
    for end in ends:
        longest = max(longest, end - start)
        start = end
    room = longest // 2 + 1
    words = np.empty(room, np.uint64), np.empty(room, np.int32)
    lines = np.empty(room, np.uint64), np.empty(room, np.int32)
    paragraphs = np.empty(room, np.uint64), np.empty(room, np.int32)
    places, slot_of = np.empty(1, np.int32), np.empty(1, np.int32)
    grams, offsets = np.empty(1, np.uint64), np.empty(1, np.int64)
    table, counts, firsts = np.empty(1, np.uint64), np.empty(1, np.int32), np.empty(1, np.int32)
    start = 0
    for document in range(ends.size):
        row, language = rows[document], language_rows[document]
        stops = stop_hashes[language], stop_numbers[language], stop_shifts[language]
        constant = classes, phrases, phrase_flags, second_letters
        count_document(data, start, ends[document], constant + stops, row, words, lines, paragraphs)
        start = ends[document]
        if language == NO_STOP_WORDS:
            row[STOP_WORDS] = -1
        slots = slots_for(row[WORDS])  # not fewer than lines or paragraphs need
        if table.size < slots:
            table, counts, firsts = np.empty(slots, np.uint64), np.empty(slots, np.int32), np.empty(slots, np.int32)
        if places.size < row[WORDS] + 1:
            size = slots  # more than needed, so that growing documents allocate seldom
            places, slot_of = np.empty(size, np.int32), np.empty(size, np.int32)
            grams, offsets = np.empty(size, np.uint64), np.empty(size, np.int64)
        for column, items in ((_REPEATED_LINES, lines), (_REPEATED_PARAGRAPHS, paragraphs)):
            count = row[LINES] if column == _REPEATED_LINES else row[PARAGRAPHS]
            row[column], row[column + 1] = repeated_items(items[0], items[1], count, table)
        columns = row[FIRST_NGRAM_COLUMN : FIRST_NGRAM_COLUMN + NGRAM_COLUMNS]
        if ngrams:
            count_ngrams(
                words[0], words[1], row[WORDS], places, grams, offsets, slot_of, table, counts, firsts, columns
            )
        else:
            columns[:] = -1
        row[_CONFIDENCE] = -1
