"""How often a corpus has each word, by a hash of the word: made from a stream of texts, in bounded memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beam_jobs.dehyphenation.words_kernel import count_words, hash_words, rehash

_SMALLEST, _LARGEST = 1 << 16, 1 << 24  # slots of 12 bytes
_LOAD = 0.5  # of the slots are taken at most
_LEAST = 2  # what a corpus has once may be a fragment
_MAGIC = b"bbwords1"


@dataclass(frozen=True)
class WordCounts:
    """The words that a corpus, or a sample of it, has twice or more often."""

    keys: np.ndarray  # uint64 [words], ascending
    counts: np.ndarray  # uint32 [words]
    total: int  # of all words, those that it has once included

    def of(self, words: Sequence[str]) -> np.ndarray:
        """How often each of the words was counted, int64 [words]; 0 for one that was counted once."""
        wanted = np.empty(len(words), np.uint64)
        hash_words(_codes("\n".join(words) + "\n") if words else np.empty(0, np.uint32), wanted)
        if not self.keys.size:
            return np.zeros(len(words), np.int64)
        places = np.minimum(np.searchsorted(self.keys, wanted), self.keys.size - 1)
        return np.where(self.keys[places] == wanted, self.counts[places], 0).astype(np.int64)

    def to_bytes(self) -> bytes:
        """The counts as they travel to the workers."""
        head = np.array([self.total, self.keys.size], "<u8").tobytes()
        return _MAGIC + head + self.keys.astype("<u8").tobytes() + self.counts.astype("<u4").tobytes()


def counts_from_bytes(data: bytes) -> WordCounts:
    """The inverse of `WordCounts.to_bytes`. Raises ValueError for other bytes."""
    if data[: len(_MAGIC)] != _MAGIC:
        raise ValueError("not a file of word counts")
    total, size = np.frombuffer(data, "<u8", 2, len(_MAGIC)).tolist()
    begin = len(_MAGIC) + 16
    return WordCounts(
        np.frombuffer(data, "<u8", size, begin), np.frombuffer(data, "<u4", size, begin + 8 * size), total
    )


class WordCounter:
    """Counts words, text by text. It takes 200 MB at most: when it is full, the rarest words are dropped.

    The result depends on the texts and their order alone.
    """

    def __init__(self, largest: int = _LARGEST) -> None:
        self._keys, self._counts = np.zeros(_SMALLEST, np.uint64), np.zeros(_SMALLEST, np.uint32)
        self._used = self._total = 0
        self._largest = largest

    def add(self, text: str) -> None:
        """Count the words of a text, of a few million characters at most."""
        codes = _codes(text)
        self._make_room(len(codes))  # three entries for each hyphenated word of three characters
        words, new = count_words(codes, self._keys, self._counts)
        self._total += words
        self._used += new

    def finish(self) -> WordCounts:
        """The words that were counted twice or more often."""
        kept = np.flatnonzero(self._counts >= _LEAST)
        kept = kept[np.argsort(self._keys[kept], kind="stable")]
        return WordCounts(self._keys[kept], self._counts[kept], self._total)

    def _make_room(self, words: int) -> None:
        size, least = self._keys.size, 1
        while self._used + words > _LOAD * size and size < self._largest:
            size *= 2
        counts = self._counts
        while self._used + words > _LOAD * size and self._used:
            least += 1
            counts = np.where(counts < least, np.uint32(0), counts)
            self._used = int(np.count_nonzero(counts))
        while words > _LOAD * size:  # one text is larger than the bound
            size *= 2
        if size != self._keys.size or least > 1:
            keys, new = np.zeros(size, np.uint64), np.zeros(size, np.uint32)
            rehash(self._keys, counts, keys, new)
            self._keys, self._counts = keys, new


def _codes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
