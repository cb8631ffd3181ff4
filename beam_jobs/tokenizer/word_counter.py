"""Counts the words of texts, split as BERT does, with compiled code over bytes.

`vocab.learning.word_counter` does the same in plain Python. It is the oracle of the tests.
"""

from collections import Counter

import numpy as np

from beam_jobs.tokenizer.byte_words import ASCII_PUNCTUATION, IN_CHUNK, PADDING, mark_bytes
from beam_jobs.tokenizer.character_classes import character_tables
from beam_jobs.tokenizer.count_kernel import count_chunks, split_chunks
from beam_jobs.tokenizer.word_table import WordTable
from vocab.basic_tokenizer import space_words

_SIGMA = "\u03a3"  # the only character whose lower case depends on its neighbours, even across punctuation
_LONGER = 16  # lower-casing and decomposing makes no text longer than this many times


class ByteWordCounter:
    """Counts words over any number of texts. Threads must not share one.

    It counts chunks, which lie between white space and ASCII punctuation, and splits only the distinct ones into words
    at the end. These are an order of magnitude fewer, which saves time.
    """

    def __init__(self, lower_case: bool) -> None:
        self._lower_case = lower_case
        self._chunks, self._words = WordTable(), WordTable()
        self._punctuation = np.zeros(128, np.int64)

    @property
    def distinct(self) -> int:
        """The number of distinct chunks."""
        return self._chunks.distinct

    @property
    def memory(self) -> int:
        """The bytes that the chunks take. `finish` takes as many again for the words."""
        return self._chunks.memory

    def add(self, text: str) -> None:
        """Count the words of a text. A word ends at the end of its text."""
        data = text.encode("utf-8", "surrogatepass")
        padded = np.zeros(len(data) + PADDING, np.uint8)
        padded[: len(data)] = np.frombuffer(data, np.uint8)
        kinds = np.empty(len(padded), np.uint8)
        mark_bytes(padded, kinds, len(data))
        if self._lower_case and _SIGMA in text:
            kinds[kinds == ASCII_PUNCTUATION] = IN_CHUNK
        position = 0
        while True:
            position, waiting = count_chunks(self._chunks.arrays, padded, kinds, position, len(data), self._punctuation)
            if not waiting:
                return
            self._chunks.grow(waiting)

    def finish(self) -> WordTable:
        """How often each word occurred. The counter is empty afterwards, and uses the table again for the next texts."""
        words = self._words
        words.clear()
        tables = tuple(character_tables(self._lower_case))
        unusual = np.empty(self._chunks.distinct, np.int64)
        scratch = np.empty(_LONGER * self._chunks.longest + PADDING, np.uint8)
        slot = done = found = 0
        while True:
            slot, done, found, waiting = split_chunks(
                self._chunks.arrays, tables, words.arrays, slot, done, unusual, found, scratch
            )
            if not waiting:
                break
            words.grow(waiting)
        if found:
            _add_plainly(words, *_contents(self._chunks, unusual[:found]), self._lower_case)
        marks = np.flatnonzero(self._punctuation)
        words.add(b"".join(b"%c\n" % mark for mark in marks.tolist()), self._punctuation[marks])
        self._punctuation.fill(0)
        self._chunks.clear()
        return words


def _contents(table: WordTable, slots: np.ndarray) -> tuple[str, list[int]]:
    return table.text(slots)[0].tobytes().decode("utf-8", "surrogatepass"), table.counts(slots).tolist()


def _add_plainly(words: WordTable, chunks: str, counts: list[int], lower_case: bool) -> None:
    """Split chunks whose words do not follow from single characters, and those that are not UTF-8."""
    found: Counter[str] = Counter()
    for line, count in zip(space_words(chunks, lower_case).split("\n"), counts, strict=False):
        for word in line.split():
            found[word] += count
    text = "".join(f"{word}\n" for word in found).encode("utf-8", "surrogatepass")
    words.add(text, np.fromiter(found.values(), np.int64, len(found)))
