"""Learns a WordPiece vocabulary from word counts.

The algorithm is byte-pair merging over characters, where "##" marks those inside a word (Sennrich et al. 2016, arXiv
1508.07909): again and again, the most frequent pair of neighbouring pieces becomes a new piece, until the vocabulary is
full.

The Hugging Face WordPiece trainer does the same, but it needs text instead of counts, and its result changes from run
to run (huggingface/tokenizers issue 1794): it numbers pieces in the order of a hash map, and the numbers decide between
equally frequent pairs. Here the numbers follow the sorted alphabet, so the vocabulary is a function of the counts. A
test shows that both learn the same vocabulary if they number the pieces in the same way.
"""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from beam_jobs.errors import UserError
from vocab.characters import stands_alone
from vocab.learning.merge_pairs import PairTable, split_key
from vocab.vocabulary import CONTINUATION, SPECIAL_PIECES

MAX_WORD_CHARACTERS = 200  # the original tokenizer turns longer words into [UNK]
_CODE_POINTS = 0x110000


@dataclass(frozen=True)
class LearnedVocabulary:
    """The pieces in the order of their ids, and facts about the words that they were learned from."""

    pieces: tuple[str, ...]
    alphabet: tuple[str, ...]  # the single characters, sorted
    words: int  # distinct words
    left_out: int  # distinct words with a character outside the alphabet; they become [UNK]

    def to_text(self) -> str:
        """The text of `vocab.txt`."""
        return "".join(f"{piece}\n" for piece in self.pieces)


def learn_wordpiece(
    counts: Mapping[str, int], vocab_size: int, min_frequency: int = 2, alphabet_size: int = 1000
) -> LearnedVocabulary:
    """Learn at most `vocab_size` pieces from words and their counts. The order of `counts` does not matter.

    The words are those of `split_words`, already lower-cased for a lower-casing model. The special pieces come first.
    Then come the `alphabet_size` most frequent characters, also with "##" unless they always stand alone; they take at
    most half of the vocabulary. Then come merged pieces, the most frequent first; pairs seen less than `min_frequency`
    times are not merged.

    Raises UserError if there are no words.
    """
    words = [word for word, count in counts.items() if 0 < len(word) <= MAX_WORD_CHARACTERS and count > 0]
    if not words:
        raise UserError("no words to learn a vocabulary from: the input holds no text")
    spelling = _Spelling.of(words, np.fromiter((counts[word] for word in words), np.int64, len(words)))
    alphabet = _alphabet(spelling, alphabet_size, vocab_size)
    continuing = [CONTINUATION + character for character in alphabet if not stands_alone(character)]
    pieces = [*SPECIAL_PIECES, *alphabet, *continuing]
    ids = {piece: i for i, piece in enumerate(pieces)}
    symbols = _symbols(spelling, alphabet, ids)
    spelt = np.minimum.reduceat(symbols, spelling.starts) > 0
    longer = spelt & (spelling.lengths > 1)
    if longer.any():
        lengths = spelling.lengths[longer]
        table = PairTable(symbols[np.repeat(longer, spelling.lengths)], np.cumsum(lengths), spelling.counts[longer])
        _merge_pairs(table, pieces, ids, vocab_size, min_frequency)
    return LearnedVocabulary(tuple(pieces), tuple(alphabet), len(words), len(words) - int(spelt.sum()))


@dataclass(frozen=True)
class _Spelling:
    """Words as arrays, in any order: the vocabulary does not depend on it."""

    characters: np.ndarray  # uint32, the code points of all words
    lengths: np.ndarray  # int64 [words], in characters
    counts: np.ndarray  # int64 [words]

    @classmethod
    def of(cls, words: list[str], counts: np.ndarray) -> "_Spelling":
        characters = np.frombuffer("".join(words).encode("utf-32-le", "surrogatepass"), np.uint32)
        return cls(characters, np.fromiter(map(len, words), np.int64, len(words)), counts)

    @property
    def starts(self) -> np.ndarray:
        """int64 [words], the places of the first characters."""
        return np.cumsum(self.lengths) - self.lengths


def _alphabet(spelling: _Spelling, alphabet_size: int, vocab_size: int) -> list[str]:
    seen = np.zeros(_CODE_POINTS, np.int64)
    np.add.at(seen, spelling.characters, np.repeat(spelling.counts, spelling.lengths))
    codes = np.flatnonzero(seen)
    frequent = codes[np.argsort(-seen[codes], kind="stable")]  # equally frequent ones in the order of their codes
    kept: list[str] = []
    room = (vocab_size - len(SPECIAL_PIECES)) // 2
    for character in map(chr, frequent[:alphabet_size].tolist()):
        room -= 1 if stands_alone(character) else 2
        if room < 0:
            break
        kept.append(character)
    return sorted(kept)


def _symbols(spelling: _Spelling, alphabet: list[str], ids: Mapping[str, int]) -> np.ndarray:
    """int32, the pieces of single characters that spell the words; 0, which is special, where there is none."""
    first, rest = np.zeros(_CODE_POINTS, np.int32), np.zeros(_CODE_POINTS, np.int32)
    for character in alphabet:
        first[ord(character)] = ids[character]
        rest[ord(character)] = ids.get(CONTINUATION + character, 0)
    symbols = rest[spelling.characters]
    symbols[spelling.starts] = first[spelling.characters[spelling.starts]]
    return symbols


def _merge_pairs(table: PairTable, pieces: list[str], ids: dict[str, int], vocab_size: int, min_frequency: int) -> None:
    """Append merged pieces to `pieces` and `ids` until the vocabulary is full or no pair is frequent enough.

    The queue may hold outdated counts. When a pair comes up whose count has fallen, it is put back with the new count.
    Of equally frequent pairs, the one with the lower ids is merged first.
    """
    queue = [(-count, key) for key, count in zip(*(array.tolist() for array in table.pairs()), strict=True)]
    heapq.heapify(queue)
    while queue and len(pieces) < vocab_size:
        negated, key = heapq.heappop(queue)
        count = table.count(key)
        if count < min_frequency:
            continue
        if count != -negated:
            heapq.heappush(queue, (-count, key))
            continue
        left, right = split_key(key)
        piece = pieces[left] + pieces[right].removeprefix(CONTINUATION)
        if piece not in ids:  # the same piece can arise from several pairs
            ids[piece] = len(pieces)
            pieces.append(piece)
        keys, raised = table.merge(key, ids[piece])
        for new_key, new_count in zip(keys.tolist(), raised.tolist(), strict=True):
            if new_count >= min_frequency:
                heapq.heappush(queue, (-new_count, new_key))
