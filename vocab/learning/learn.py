"""Learns a WordPiece vocabulary from word counts.

The algorithm is byte-pair merging over characters, where "##" marks those inside a word (Sennrich et al. 2016, arXiv
1508.07909): again and again, the most frequent pair of neighbouring pieces becomes a new piece, until the vocabulary is
full.

The Hugging Face WordPiece trainer does the same, but it needs text instead of counts, and its result changes from run
to run (huggingface/tokenizers issue 1794): it numbers pieces in the order of a hash map, and the numbers decide between
equally frequent pairs. Here the numbers follow the sorted alphabet, so the vocabulary is a function of the counts. A
test shows that both learn the same vocabulary if they number the pieces in the same way.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from beam_jobs.errors import UserError
from vocab.characters import stands_alone
from vocab.learning.merge_pairs import PairTable, split_key
from vocab.learning.pair_queue import PairQueue
from vocab.learning.spelling import CODE_POINTS, count_characters, spell
from vocab.learning.word_list import WordList
from vocab.vocabulary import CONTINUATION, SPECIAL_PIECES

MAX_WORD_CHARACTERS = 200  # the original tokenizer turns longer words into [UNK]


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
    counts: Mapping[str, int] | WordList, vocab_size: int, min_frequency: int = 2, alphabet_size: int = 1000
) -> LearnedVocabulary:
    """Learn at most `vocab_size` pieces from words and their counts. The order of `counts` does not matter.

    The words are those of `split_words`, already lower-cased for a lower-casing model. The special pieces come first.
    Then come the `alphabet_size` most frequent characters, also with "##" unless they always stand alone; they take at
    most half of the vocabulary. Then come merged pieces, the most frequent first; pairs seen less than `min_frequency`
    times are not merged.

    Raises UserError if there are no words.
    """
    words = counts if isinstance(counts, WordList) else WordList.of(counts)
    seen, known, characters = count_characters(words.text, words.counts, MAX_WORD_CHARACTERS)
    if not known:
        raise UserError("no words to learn a vocabulary from: the input holds no text")
    alphabet = _alphabet(seen, alphabet_size, vocab_size)
    continuing = [CONTINUATION + character for character in alphabet if not stands_alone(character)]
    pieces = [*SPECIAL_PIECES, *alphabet, *continuing]
    ids = {piece: i for i, piece in enumerate(pieces)}
    first, rest = _character_ids(alphabet, ids)
    spelt = spell(words.text, words.counts, MAX_WORD_CHARACTERS, first, rest, characters)
    left_out = known - len(spelt[1])
    table = PairTable(*spelt)
    del spelt  # 60 MB for a million words
    _merge_pairs(table, pieces, ids, vocab_size, min_frequency)
    return LearnedVocabulary(tuple(pieces), tuple(alphabet), known, left_out)


def _alphabet(seen: np.ndarray, alphabet_size: int, vocab_size: int) -> list[str]:
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


def _character_ids(alphabet: list[str], ids: Mapping[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """int32 [CODE_POINTS] both, the pieces of characters that begin and continue a word; 0 where there is none."""
    first, rest = np.zeros(CODE_POINTS, np.int32), np.zeros(CODE_POINTS, np.int32)
    for character in alphabet:
        first[ord(character)] = ids[character]
        rest[ord(character)] = ids.get(CONTINUATION + character, 0)
    return first, rest


def _merge_pairs(table: PairTable, pieces: list[str], ids: dict[str, int], vocab_size: int, min_frequency: int) -> None:
    """Append merged pieces to `pieces` and `ids` until the vocabulary is full or no pair is frequent enough.

    Of equally frequent pairs, the one with the lower ids is merged first.
    """
    queue = PairQueue(min_frequency)
    queue.push(*table.pairs())
    while len(pieces) < vocab_size and (key := queue.pop(table.rows)) >= 0:
        left, right = split_key(key)
        piece = pieces[left] + pieces[right].removeprefix(CONTINUATION)
        if piece not in ids:  # the same piece can arise from several pairs
            ids[piece] = len(pieces)
            pieces.append(piece)
        queue.push(*table.merge(key, ids[piece]))
