"""The n-grams of evaluation texts as a table that is looked up, and as bytes that workers read."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from beam_jobs.duplicates.folded_characters import folded_characters
from beam_jobs.held_out.ngram_kernel import MOST_WORDS, list_ngrams
from vocab.unicode_forms import to_nfc

NGRAM_WORDS = 13
LEAST_WORDS = 8
"""A text of fewer words than an n-gram is one n-gram of all its words, unless it has fewer than so many."""

_BITS_FOR_EACH = 16
_LEAST_BITS, _MOST_BITS = 12, 30
_BATCH_CHARACTERS = 1 << 20


@dataclass(frozen=True)
class NgramTable:
    """The n-grams of some files, sorted."""

    files: tuple[str, ...]
    words: int  # of an n-gram
    ngrams: np.ndarray  # uint64, sorted, each once
    owners: np.ndarray  # int32, the first file that has the n-gram, by its place in `files`
    lengths: np.ndarray  # int64, the numbers of words that n-grams have, ascending; the last is `words`
    texts: tuple[int, ...] = field(default=())  # of each file
    too_short: tuple[int, ...] = field(default=())  # of these, those that have no n-gram

    @cached_property
    def shift(self) -> np.uint64:
        """What an n-gram is shifted by to find its bit in `bitmap`."""
        bits = int(np.ceil(np.log2(max(len(self.ngrams), 1) * _BITS_FOR_EACH)))
        return np.uint64(64 - min(max(bits, _LEAST_BITS), _MOST_BITS))

    @cached_property
    def bitmap(self) -> np.ndarray:
        """A bit for each n-gram, uint64: most n-grams of other texts find none, and need no search."""
        bitmap = np.zeros(1 << (64 - int(self.shift) - 6), np.uint64)
        bits = self.ngrams >> self.shift
        np.bitwise_or.at(bitmap, (bits >> np.uint64(6)).astype(np.int64), np.uint64(1) << (bits & np.uint64(63)))
        return bitmap

    @cached_property
    def begins(self) -> np.ndarray:
        """Where the n-grams of each value of their highest bits begin, int32 [a power of 2, about one an n-gram]."""
        bits = max(len(self.ngrams) - 1, 1).bit_length()
        values = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
        return np.searchsorted(self.ngrams, values).astype(np.int32)

    def to_bytes(self) -> bytes:
        """The table as a file: a line of JSON, then the arrays. Equal for equal texts and file names."""
        head = {
            "files": self.files,
            "words": self.words,
            "ngrams": len(self.ngrams),
            "lengths": self.lengths.tolist(),
            "texts": self.texts,
            "too_short": self.too_short,
        }
        line = json.dumps(head, ensure_ascii=True).encode() + b"\n"
        return line + self.ngrams.astype("<u8").tobytes() + self.owners.astype("<i4").tobytes()


def table_from_bytes(data: bytes) -> NgramTable:
    """The inverse of `NgramTable.to_bytes`."""
    line, _, arrays = data.partition(b"\n")
    head = json.loads(line)
    count = head["ngrams"]
    return NgramTable(
        tuple(head["files"]),
        head["words"],
        np.frombuffer(arrays, "<u8", count).astype(np.uint64),
        np.frombuffer(arrays, "<i4", count, 8 * count).astype(np.int32),
        np.array(head["lengths"], np.int64),
        tuple(head["texts"]),
        tuple(head["too_short"]),
    )


def ngram_table(files: Iterable[tuple[str, Iterable[str]]], words: int = NGRAM_WORDS) -> NgramTable:
    """The table of the n-grams of `words` words of the texts of each file, which is a name and its texts.

    A text of fewer words gives one n-gram of all its words, if they are LEAST_WORDS or more. Raises ValueError unless
    `words` is from 1 to MOST_WORDS.
    """
    if not 1 <= words <= MOST_WORDS:
        raise ValueError(f"words is {words}, not from 1 to {MOST_WORDS}")
    names: list[str] = []
    texts: list[int] = []
    too_short: list[int] = []
    ngrams = np.empty(0, np.uint64)
    owners = np.empty(0, np.int32)
    lengths = {words}
    for number, (name, contents) in enumerate(files):
        names.append(name)
        texts.append(0)
        too_short.append(0)
        parts = [np.empty(0, np.uint64)]
        for batch in _batches(contents):
            found, counts = _ngrams_of(batch, words)
            parts.append(np.unique(found))
            lengths |= {int(count) for count in np.unique(counts) if LEAST_WORDS <= count < words}
            texts[-1] += int((counts > 0).sum())
            too_short[-1] += int(((counts > 0) & (counts < min(words, LEAST_WORDS))).sum())
        new = np.setdiff1d(np.concatenate(parts), ngrams)
        joined = np.concatenate((ngrams, new))
        order = np.argsort(joined, kind="stable")
        ngrams = joined[order]
        owners = np.concatenate((owners, np.full(len(new), number, np.int32)))[order]
    return NgramTable(
        tuple(names), words, ngrams, owners, np.array(sorted(lengths), np.int64), tuple(texts), tuple(too_short)
    )


def _ngrams_of(texts: list[str], words: int) -> tuple[np.ndarray, np.ndarray]:
    """The n-grams of some texts, uint64, and the number of words of each, int64 [texts]."""
    encoded = [to_nfc(text).encode("utf-8", "surrogatepass") for text in texts]
    ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
    data = np.frombuffer(b"".join(encoded), np.uint8)
    ngrams, counts = np.empty(len(data), np.uint64), np.empty(len(texts), np.int64)
    found = list_ngrams(data, ends, folded_characters(), words, min(words, LEAST_WORDS), ngrams, counts)
    return ngrams[:found], counts


def _batches(texts: Iterable[str]) -> Iterable[list[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= _BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
