"""Counting the words of texts as BERT splits them, fast."""

import re
from collections import Counter

from vocab.basic_tokenizer import split_words

# `str.split` cuts at these, the original tokenizer drops them; all other characters it cuts at, that tokenizer does too.
_DROPPED_SPACES = re.compile("[\x0b\x0c\x1c-\x1f\x85]+")


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
