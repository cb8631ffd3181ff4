"""Counting the words of a text as BERT splits it, fast, and the counts as compact bytes."""

import re
import zlib
from collections import Counter
from collections.abc import Mapping

import numpy as np

from vocab.basic_tokenizer import split_words

# `str.split` cuts at these, the original tokenizer drops them; all other characters it cuts at, that tokenizer does too.
_DROPPED_SPACES = re.compile("[\x0b\x0c\x1c-\x1f\x85]+")
_COMPRESSION_LEVEL = 1


class WordCounter:
    """Counts words over any number of texts.

    BERT's words are those of the stretches between white space, each by itself. So stretches are counted, and only the
    distinct ones, an order of magnitude fewer, are split into words, at the end.
    """

    def __init__(self, lower_case: bool) -> None:
        self._lower_case = lower_case
        self._stretches: Counter[str] = Counter()

    @property
    def distinct(self) -> int:
        """Distinct stretches held: what the counter's memory grows with."""
        return len(self._stretches)

    def add(self, text: str) -> None:
        """Count a text; words do not run on from one text to the next."""
        if _DROPPED_SPACES.search(text):
            text = _DROPPED_SPACES.sub("", text)
        self._stretches.update(text.split())

    def finish(self) -> dict[str, int]:
        """How often each word occurred; the counter is empty afterwards."""
        counts: dict[str, int] = {}
        for stretch, count in self._stretches.items():
            for word in split_words(stretch, self._lower_case):
                counts[word] = counts.get(word, 0) + count
        self._stretches.clear()
        return counts


def partition_counts(counts: Mapping[str, int], partitions: int) -> list[dict[str, int]]:
    """The counts spread over so many parts by a hash of the word, the same in every process."""
    parts: list[dict[str, int]] = [{} for _ in range(partitions)]
    for word, count in counts.items():
        parts[zlib.crc32(word.encode("utf-8", "surrogatepass")) % partitions][word] = count
    return parts


def most_frequent(counts: Mapping[str, int], limit: int) -> dict[str, int]:
    """The `limit` most frequent words; among equally frequent ones those that sort first."""
    if len(counts) <= limit:
        return dict(counts)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return dict(ranked[:limit])


def pack_counts(counts: Mapping[str, int]) -> bytes:
    """The counts as bytes, the same for equal counts in any order; about 5 bytes a word."""
    words = sorted(counts)
    numbers = np.fromiter((counts[word] for word in words), "<i8", len(words))
    text = "\n".join(words).encode("utf-8", "surrogatepass")
    return zlib.compress(len(words).to_bytes(8, "little") + numbers.tobytes() + text, _COMPRESSION_LEVEL)


def unpack_counts(data: bytes) -> dict[str, int]:
    """The inverse of `pack_counts`."""
    content = zlib.decompress(data)
    size = int.from_bytes(content[:8], "little")
    numbers = np.frombuffer(content, "<i8", size, 8).tolist()
    words = content[8 + 8 * size :].decode("utf-8", "surrogatepass").split("\n") if size else []
    return dict(zip(words, numbers, strict=True))
