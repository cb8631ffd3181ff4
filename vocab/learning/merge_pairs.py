"""The data structure of byte-pair learning: pairs of neighbouring symbols, with their counts and positions.

All distinct words are in one flat array, one after the other. Each position holds a symbol, and how far its neighbours
in the word are. A hash table maps a pair (left symbol, right symbol) to its weighted count and to the positions where it
was entered. Positions that have changed since are skipped when they are used. A merge touches only the words that hold
the pair, as in Sennrich et al. 2016, so the time of learning is proportional to the changes.

The loops are compiled by numba (`merge_kernel.py`).
"""

import numpy as np

from vocab.learning.merge_kernel import (
    LENGTH,
    MAX_COUNTS,
    MAX_LENGTH,
    MAX_SYMBOL,
    PAIRS,
    count_pairs,
    enter_pairs,
    link_words,
    merge_pair,
)
from vocab.learning.pair_rows import COUNT, EMPTY, KEY, SYMBOL_BITS, empty_rows, has_room, move_rows, row_of

_SMALL_COUNTS = 1 << 12


def pair_key(left: int, right: int) -> int:
    """A pair of symbols as one integer. The keys have the same order as the pairs."""
    return left << SYMBOL_BITS | right


def split_key(key: int) -> tuple[int, int]:
    """The inverse of `pair_key`."""
    return key >> SYMBOL_BITS, key & ((1 << SYMBOL_BITS) - 1)


class PairTable:
    """The words of a corpus, in which pairs of symbols are merged.

    Args:
        symbols: int32 [positions], the symbols of all words, one word after the other; at most `MAX_SYMBOL`.
        word_ends: int64 [words], the position after the last symbol of each word; no word is empty, and none has more
            than `MAX_LENGTH` symbols.
        word_counts: int64 [words], how often each word occurs.

    Raises ValueError if symbols or words do not fit.
    """

    def __init__(self, symbols: np.ndarray, word_ends: np.ndarray, word_counts: np.ndarray) -> None:
        self._weights, numbers = _numbered(word_counts)
        if (
            symbols.max(initial=0) > MAX_SYMBOL
            or np.diff(word_ends, prepend=0).max(initial=0) > MAX_LENGTH
            or len(self._weights) > MAX_COUNTS
        ):
            raise ValueError("a symbol, a word or the number of different counts is too large for learning")
        self._positions = link_words(symbols, word_ends, numbers)
        self._entries = np.empty(max(len(symbols), 1), np.int32)
        self._state = np.zeros(3, np.int64)
        self._rows = empty_rows(1 << 12)
        entered = 0
        while entered < len(symbols):
            entered = count_pairs(self._positions, self._weights, entered, self._rows, self._narrow, self._state)
            if entered < len(symbols):
                self._make_room(1)
        enter_pairs(self._positions, self._rows, self._narrow, self._entries, self._state)

    @property
    def rows(self) -> np.ndarray:
        """int64 [capacity, 4], the hash table for `row_of`; another one after `merge`."""
        return self._rows

    @property
    def _narrow(self) -> np.ndarray:
        return self._rows.view(np.int32)

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Keys and counts, both int64, of all pairs that occur, in no particular order."""
        used = np.flatnonzero((self._rows[:, KEY] != EMPTY) & (self._rows[:, COUNT] > 0))
        return self._rows[used, KEY], self._rows[used, COUNT]

    def count(self, key: int) -> int:
        """How often the pair occurs in the words as they are now."""
        return int(self._rows[row_of(self._rows, key), COUNT])

    def merge(self, key: int, symbol: int) -> tuple[np.ndarray, np.ndarray]:
        """Replace the pair by `symbol` in all words, left to right.

        Returns keys and counts of the pairs that became more frequent.
        """
        row = row_of(self._rows, key)
        new = 2 * int(self._narrow[row, LENGTH])
        if not has_room(self._rows, self._state[PAIRS] + new):
            self._make_room(new)
            row = row_of(self._rows, key)
        left, right = split_key(key)
        keys, counts, self._entries = merge_pair(
            self._positions, self._weights, row, left, right, symbol,
            self._rows, self._narrow, self._entries, self._state,
        )  # fmt: skip
        return keys, counts

    def _make_room(self, new: int) -> None:
        """Room for `new` more pairs. Those that no longer occur are left out."""
        wanted = 2 * (int(np.count_nonzero(self._rows[:, COUNT] > 0)) + new)
        rows = empty_rows(max(len(self._rows), 1 << (wanted - 1).bit_length()))
        self._state[PAIRS] = move_rows(self._rows, rows)
        self._rows = rows


def _numbered(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different counts, int64, and for each count its place among them, int64. A small count is its own place."""
    numbers = counts.astype(np.int64)
    large = np.flatnonzero(counts >= _SMALL_COUNTS)
    others, places = np.unique(counts[large], return_inverse=True)
    numbers[large] = _SMALL_COUNTS + places
    return np.concatenate([np.arange(_SMALL_COUNTS), others]), numbers
