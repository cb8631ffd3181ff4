"""Words with their counts as they come from counting: many words in one array, without a Python object for each."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class WordList:
    """Words, and how often each occurs. No word holds a newline."""

    text: np.ndarray  # uint8, the words in UTF-8 (lone surrogates too), a newline behind each
    counts: np.ndarray  # int64 [words]

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> "WordList":
        """The words of a mapping."""
        text = "".join(f"{word}\n" for word in counts).encode("utf-8", "surrogatepass")
        return cls(np.frombuffer(text, np.uint8), np.fromiter(counts.values(), np.int64, len(counts)))
