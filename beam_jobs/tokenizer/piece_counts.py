"""Counts the pieces of many words, compiled. `vocab.coverage` does the same in plain Python, and is the oracle of the tests."""

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np

from beam_jobs.tokenizer.utf8_kernel import decode_character
from beam_jobs.tokenizer.wordpiece_trie import build_trie, match_word

_MAX_WORD_CHARACTERS = 200  # of the original tokenizer
_UNKNOWN = "[UNK]"


@dataclass(frozen=True)
class PieceCounts:
    """Sums over the words of a text. `unknown` counts the words that become [UNK]."""

    words: int
    pieces: int
    unknown: int

    @property
    def pieces_per_word(self) -> float:
        """1.0 if every word is one piece. [UNK] counts as a piece."""
        return self.pieces / max(self.words, 1)

    @property
    def unknown_rate(self) -> float:
        """Share of the words that become [UNK], from 0 to 1."""
        return self.unknown / max(self.words, 1)


def count_pieces(pieces: Sequence[str], text: np.ndarray, counts: np.ndarray) -> PieceCounts:
    """Divide words into the pieces of a vocabulary that holds [UNK].

    `text`, uint8, has the words in UTF-8 with a newline behind each, and `counts`, int64, says how often each occurs.
    """
    ids = {piece: i for i, piece in enumerate(pieces)}
    trie = build_trie(ids)
    word, out = np.empty(_MAX_WORD_CHARACTERS, np.int32), np.empty(_MAX_WORD_CHARACTERS + 1, np.int32)
    found = _count(text, counts, trie.nodes, trie.edges, trie.continuation_root, ids[_UNKNOWN], word, out)
    return PieceCounts(int(counts.sum()), *found)


@numba.njit(cache=True, nogil=True)
def _count(text, counts, nodes, edges, continuation_root, unknown, word, out):
    pieces = 0
    unknown_words = 0
    position = 0
    for count in counts:
        length = 0
        while text[position] != 10:
            code_point, size = decode_character(text, position, len(text))
            position += size
            if length < len(word):
                word[length] = code_point
            length += 1
        position += 1
        made = match_word(nodes, edges, continuation_root, word, length, unknown, out, 0)
        pieces += made * count
        if made == 1 and out[0] == unknown:
            unknown_words += count
    return pieces, unknown_words
