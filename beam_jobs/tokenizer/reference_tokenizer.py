"""The BERT tokenizer in plain Python. It documents the algorithm, is the oracle of tests, and handles rare characters.

The steps are those of google-research/bert: drop control characters; put spaces around CJK characters; cut at white
space; lower-case and strip accents (lower-casing models only); cut at punctuation; cut each word greedily into the
longest pieces of the vocabulary (WordPiece, Wu et al. 2016). A text such as "[MASK]" is cut at its brackets like any
other, so no text can give a special piece.
"""

import unicodedata
from collections.abc import Iterator, Mapping

from vocab.characters import is_dropped, is_ideograph, is_punctuation


class ReferenceTokenizer:
    """Text to the ids of its pieces.

    Args:
        ids: the id of every piece of the vocabulary; pieces that continue a word begin with "##".
        unknown: id given for a word that the vocabulary cannot spell.
        lower_case: lower-case and strip accents, as the uncased models do.
        max_input_chars_per_word: a longer word is unknown (200 in google-research/bert).
    """

    def __init__(self, ids: Mapping[str, int], unknown: int, lower_case: bool, max_input_chars_per_word: int = 200):
        self._ids = ids
        self._unknown = unknown
        self._lower_case = lower_case
        self._max_input_chars_per_word = max_input_chars_per_word
        self._longest_piece = max(map(len, ids), default=0)

    def tokenize(self, text: str) -> list[int]:
        """The piece ids of one line of text."""
        return [piece for word in self.words(text) for piece in self._pieces(word)]

    def words(self, text: str) -> Iterator[str]:
        """The words and punctuation characters of a text, cleaned, before they are cut into pieces."""
        spaced = "".join(
            f" {c} " if is_ideograph(c) else " " if _becomes_space(c) else c for c in text if not is_dropped(c)
        )
        for token in spaced.split():
            if self._lower_case:
                token = _strip_accents(token.lower())
            cut_at_punctuation = "".join(f" {c} " if is_punctuation(c) else c for c in token)
            yield from cut_at_punctuation.split()

    def _pieces(self, word: str) -> list[int]:
        if len(word) > self._max_input_chars_per_word:
            return [self._unknown]
        pieces = []
        start = 0
        while start < len(word):
            prefix = "##" if start else ""
            for end in range(min(len(word), start + self._longest_piece), start, -1):
                piece = self._ids.get(prefix + word[start:end])
                if piece is not None:
                    break
            else:
                return [self._unknown]
            pieces.append(piece)
            start = end
        return pieces


def _strip_accents(token: str) -> str:
    """NFD without the nonspacing marks (Mn). The time is linear, while Python's NFD of a hostile token is quadratic."""
    stripped: list[str] = []
    run: list[str] = []  # kept characters, which NFD sorts by combining class
    for character in token:
        for part in unicodedata.normalize("NFD", character):
            if not unicodedata.combining(part) and run:
                stripped += sorted(run, key=unicodedata.combining)
                run = []
            if unicodedata.category(part) != "Mn":
                (run if unicodedata.combining(part) else stripped).append(part)
    return "".join(stripped + sorted(run, key=unicodedata.combining))


def _becomes_space(character: str) -> bool:
    return character in " \t\n\r" or unicodedata.category(character) == "Zs"
