"""The data structure of byte-pair learning: pairs of neighbouring symbols, with their counts and positions.

All distinct words are in flat arrays, one after the other. Each position holds a symbol and links to its neighbours in
the word. A hash table maps a pair (left symbol, right symbol) to its weighted count and to the list of positions where
it was entered. Positions that have changed since are skipped when the list is used. A merge touches only the words that
hold the pair, as in Sennrich et al. 2016, so the time of learning is proportional to the changes.

The loops are compiled by numba.
"""

import numba
import numpy as np

_EMPTY = -1
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT_32, _SHIFT_29 = np.uint64(32), np.uint64(29)
_SYMBOL_BITS = 32


def pair_key(left: int, right: int) -> int:
    """A pair of symbols as one integer. The keys have the same order as the pairs."""
    return left << _SYMBOL_BITS | right


def split_key(key: int) -> tuple[int, int]:
    """The inverse of `pair_key`."""
    return key >> _SYMBOL_BITS, key & ((1 << _SYMBOL_BITS) - 1)


class PairTable:
    """The words of a corpus, in which pairs of symbols are merged.

    Args:
        symbols: int32 [positions], the symbols of all words, one word after the other.
        word_ends: int64 [words], the position after the last symbol of each word; no word is empty.
        word_counts: int64 [words], how often each word occurs.
    """

    def __init__(self, symbols: np.ndarray, word_ends: np.ndarray, word_counts: np.ndarray) -> None:
        size = len(symbols)
        self._symbols = symbols.astype(np.int32)
        self._next, self._previous, self._weights = _link(word_ends, word_counts, size)
        # One entry for each pair at the start, and at most two for each merge in the words, of which there are fewer
        # than `size`.
        self._entry_position = np.empty(3 * size + 1, np.int32)
        self._entry_next = np.empty(3 * size + 1, np.int32)
        self._state = np.zeros(3, np.int64)  # entries in use, slots in use, number of merges
        self._allocate(1 << 12)
        self._touched = np.empty(1 << 12, np.int64)
        done = 0
        while done < size:
            done = _enter_pairs(self._symbols, self._next, self._weights, done, *self._tables())
            if done < size:
                self._grow()

    def _allocate(self, capacity: int) -> None:
        self._keys = np.full(capacity, _EMPTY, np.int64)
        self._counts = np.zeros(capacity, np.int64)
        self._heads = np.full((capacity, 2), _EMPTY, np.int32)  # first and last entry of the pair's positions
        self._lengths = np.zeros(capacity, np.int32)
        self._marks = np.zeros(capacity, np.int64)  # the merge that last raised the pair's count

    def _tables(self) -> tuple[np.ndarray, ...]:
        tables = (self._keys, self._counts, self._heads, self._lengths, self._marks)
        return (*tables, self._entry_position, self._entry_next, self._state)

    def _grow(self) -> None:
        old = (self._keys, self._counts, self._heads, self._lengths, self._marks)
        self._allocate(2 * len(self._keys))
        _rehash(*old, self._keys, self._counts, self._heads, self._lengths, self._marks)

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Keys and counts, both int64, of all pairs that occur, in no particular order."""
        used = np.flatnonzero((self._keys != _EMPTY) & (self._counts > 0))
        return self._keys[used], self._counts[used]

    def count(self, key: int) -> int:
        """How often the pair occurs in the words as they are now."""
        return int(self._counts[_find(self._keys, key)])

    def merge(self, key: int, symbol: int) -> tuple[np.ndarray, np.ndarray]:
        """Replace the pair by `symbol` in all words, left to right.

        Returns keys and counts of the pairs that became more frequent.
        """
        slot = _find(self._keys, key)
        new_pairs = 2 * int(self._lengths[slot])
        while int(self._state[1]) + new_pairs > len(self._keys) // 2:
            self._grow()
            slot = _find(self._keys, key)
        if len(self._touched) < new_pairs:
            self._touched = np.empty(2 * new_pairs, np.int64)
        left, right = split_key(key)
        words = (self._symbols, self._next, self._previous, self._weights)
        touched = _merge(*words, slot, left, right, symbol, self._touched, *self._tables())
        slots = self._touched[:touched]
        return self._keys[slots], self._counts[slots]


@numba.njit(cache=True)
def _link(word_ends, word_counts, size):
    following = np.empty(size, np.int32)
    previous = np.empty(size, np.int32)
    weights = np.empty(size, np.int64)
    start = 0
    for word in range(len(word_ends)):
        end = word_ends[word]
        for i in range(start, end):
            previous[i] = i - 1 if i > start else -1
            following[i] = i + 1 if i + 1 < end else -1
            weights[i] = word_counts[word]
        start = end
    return following, previous, weights


@numba.njit(cache=True)
def _find(keys, key):
    """The slot of the key, or the empty slot where it belongs."""
    mask = len(keys) - 1
    mixed = np.uint64(key) * _MULTIPLIER
    slot = np.int64((mixed ^ (mixed >> _SHIFT_29)) >> _SHIFT_32) & mask
    while keys[slot] != key and keys[slot] != -1:
        slot = (slot + 1) & mask
    return slot


@numba.njit(cache=True)
def _rehash(keys, counts, heads, lengths, marks, new_keys, new_counts, new_heads, new_lengths, new_marks):
    for old in range(len(keys)):
        if keys[old] != -1:
            slot = _find(new_keys, keys[old])
            new_keys[slot] = keys[old]
            new_counts[slot] = counts[old]
            new_heads[slot, 0], new_heads[slot, 1] = heads[old, 0], heads[old, 1]
            new_lengths[slot] = lengths[old]
            new_marks[slot] = marks[old]


@numba.njit(cache=True)
def _raise(left, right, weight, position, keys, counts, heads, lengths, entry_position, entry_next, state):
    """Count the pair, which now occurs at `position`, `weight` more times. Returns its slot."""
    key = np.int64(left) << 32 | np.int64(right)
    slot = _find(keys, key)
    entry = state[0]
    state[0] += 1
    entry_position[entry] = position
    entry_next[entry] = -1
    if keys[slot] == -1:
        keys[slot] = key
        state[1] += 1
    if heads[slot, 1] == -1:
        heads[slot, 0] = entry
    else:
        entry_next[heads[slot, 1]] = entry
    heads[slot, 1] = entry
    counts[slot] += weight
    lengths[slot] += 1
    return slot


@numba.njit(cache=True)
def _enter_pairs(
    symbols, following, weights, start, keys, counts, heads, lengths, marks, entry_position, entry_next, state
):
    """Enter the pairs from position `start` on until the table is half full. Returns the first position not entered."""
    for i in range(start, len(symbols)):
        if following[i] >= 0:
            if 2 * (state[1] + 1) > len(keys):
                return i
            _raise(
                symbols[i], symbols[following[i]], weights[i], i,
                keys, counts, heads, lengths, entry_position, entry_next, state,
            )  # fmt: skip
    return len(symbols)


@numba.njit(cache=True)
def _merge(
    symbols, following, previous, weights, slot, left, right, symbol, touched,
    keys, counts, heads, lengths, marks, entry_position, entry_next, state,
):  # fmt: skip
    state[2] += 1
    positions = np.empty(lengths[slot], np.int32)
    entry = heads[slot, 0]
    for i in range(len(positions)):
        positions[i] = entry_position[entry]
        entry = entry_next[entry]
    heads[slot, 0] = heads[slot, 1] = -1
    lengths[slot] = 0
    if left == right:  # the pairs in a run of one symbol overlap, so they are merged from the left
        positions.sort()
    found = 0
    for i in positions:
        j = following[i]
        if symbols[i] != left or j < 0 or symbols[j] != right:
            continue
        weight = weights[i]
        counts[slot] -= weight
        before, after = previous[i], following[j]
        if before >= 0:
            counts[_find(keys, np.int64(symbols[before]) << 32 | np.int64(left))] -= weight
            new = _raise(
                symbols[before], symbol, weight, before,
                keys, counts, heads, lengths, entry_position, entry_next, state,
            )  # fmt: skip
            found = _touch(new, touched, found, marks, state)
        if after >= 0:
            counts[_find(keys, np.int64(right) << 32 | np.int64(symbols[after]))] -= weight
            new = _raise(
                symbol, symbols[after], weight, i,
                keys, counts, heads, lengths, entry_position, entry_next, state,
            )  # fmt: skip
            found = _touch(new, touched, found, marks, state)
            previous[after] = i
        symbols[i] = symbol
        symbols[j] = -1
        following[i] = after
    return found


@numba.njit(cache=True, inline="always")
def _touch(slot, touched, found, marks, state):
    """Put a pair among the `found` ones that this merge has touched, unless it is there already; their number then."""
    if marks[slot] != state[2]:
        marks[slot] = state[2]
        touched[found] = slot
        found += 1
    return found
