"""Measures how well a vocabulary covers a text: pieces per word, and the share of unknown words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tokenizers.models import WordPiece

MAX_WORD_CHARACTERS = 200  # of the original tokenizer


@dataclass
class Coverage:
    """Sums over the words of a text. `unknown` counts the words that become [UNK]."""

    words: int = 0
    pieces: int = 0
    unknown: int = 0
    unknown_words: Counter[str] = field(default_factory=Counter)
    used: set[str] = field(default_factory=set)  # pieces that occurred

    @property
    def pieces_per_word(self) -> float:
        """1.0 if every word is one piece. [UNK] counts as a piece."""
        return self.pieces / max(self.words, 1)

    @property
    def unknown_rate(self) -> float:
        """Share of the words that become [UNK], from 0 to 1."""
        return self.unknown / max(self.words, 1)


def measure_coverage(pieces: Sequence[str], counts: Mapping[str, int]) -> Coverage:
    """Divide words into the pieces of a vocabulary that holds [UNK]. `counts` has the words of `split_words`."""
    ids = {piece: i for i, piece in enumerate(pieces)}
    model = WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=MAX_WORD_CHARACTERS)
    unknown = ids["[UNK]"]
    coverage = Coverage()
    used: set[int] = set()
    for word, count in counts.items():
        spelt = [token.id for token in model.tokenize(word)]
        coverage.words += count
        coverage.pieces += count * len(spelt)
        if spelt == [unknown]:
            coverage.unknown += count
            coverage.unknown_words[word] = count
        used.update(spelt)
    coverage.used = {pieces[i] for i in used}
    return coverage
