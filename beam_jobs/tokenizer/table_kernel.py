"""A hash table from words, as bytes, to their counts, in flat arrays that compiled code fills.

An entry takes 32 bytes: the first 16 bytes of the word, its length and place, and its count. A word of more than 16
bytes is kept in a separate array of bytes, and its entry holds two hashes instead. The words themselves are always
compared, so a collision of hashes cannot give wrong counts. A lookup touches one cache line, as a rule.
"""

from typing import NamedTuple

import numba
import numpy as np

from beam_jobs.tokenizer.byte_words import PADDING, load_word

ENTRY_BYTES = 32
INLINE_BYTES = 16

# An entry has four words of 64 bits; one whose COUNT is 0 is empty.
_ZERO, _ONE, PLACE, COUNT = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(3)
# The third word has the length in its low half, and the offset of a longer word in its high half.
_HALF = np.uint64(32)
LOW_HALF = np.uint64(0xFFFFFFFF)
_THREE, _SEVEN, _EIGHT, _SIXTEEN, _HASH_SHIFT = np.uint64(3), np.uint64(7), np.uint64(8), np.uint64(16), np.uint64(20)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_MULTIPLIER_0 = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER_1 = np.uint64(0xC2B2AE3D27D4EB4F)

# Indices of `state`, uint64.
DISTINCT, LONG_USED = 0, 1


class TableArrays(NamedTuple):
    """The arrays of a table."""

    entries: np.ndarray  # uint64 [capacity, 4]
    entry_bytes: np.ndarray  # uint8, the same memory
    long: np.ndarray  # uint8, the bytes of words of more than `INLINE_BYTES` bytes
    state: np.ndarray  # uint64 [2]


@numba.njit(cache=True, nogil=True, inline="always")
def has_slot(entries, state):
    """Whether another word leaves a quarter of the slots empty, so that searches stay short."""
    return np.int64(state[DISTINCT]) * 4 < len(entries) * 3


@numba.njit(cache=True, nogil=True, inline="always")
def slot_of(entries, word_0, word_1, length):
    """Where the search for a word begins: `word_0` and `word_1` of `short_word`, or two hashes of a longer one."""
    mixed = (word_0 + length) * _MULTIPLIER_0 ^ word_1 * _MULTIPLIER_1
    mixed = (mixed ^ (mixed >> _HALF)) * _MULTIPLIER_0
    return (mixed >> _HASH_SHIFT) & np.uint64(len(entries) - 1)


@numba.njit(cache=True, nogil=True, inline="always")
def short_word(data, start, length):
    """The 1 to `INLINE_BYTES` bytes of `data[start:start + length]` in two uint64, zeros behind them.

    There are no branches, which would often be mispredicted, since lengths of words follow no pattern.
    """
    second = max(length, _EIGHT) - _EIGHT
    word_0 = load_word(data, start) & (_ALL >> ((_EIGHT - min(length, _EIGHT)) * _EIGHT))
    word_1 = load_word(data, start + _EIGHT) & (
        (_ONE << (min(second, _SEVEN) * _EIGHT)) - _ONE | (_ZERO - (second >> _THREE))
    )
    return word_0, word_1


@numba.njit(cache=True, nogil=True, inline="always")
def add_word(table, data, start, length, count):
    """Count the word `data[start:start + length]` (both uint64, `length` at least 1) `count` (uint64) more times.

    Returns False, and changes nothing, if there is no room for a new word; the table must grow then. `data` has
    `PADDING` bytes behind its end.
    """
    if length > _SIXTEEN:
        return add_long_word(table, data, start, length, count)
    word_0, word_1 = short_word(data, start, length)
    return add_short_word(table, word_0, word_1, length, slot_of(table.entries, word_0, word_1, length), count)


@numba.njit(cache=True, nogil=True, inline="always")
def add_short_word(table, word_0, word_1, length, slot, count):
    """As `add_word`, for a word of `short_word` and its `slot_of`."""
    entries = table.entries
    while entries[slot, COUNT] != _ZERO:
        differs = (entries[slot, _ZERO] ^ word_0) | (entries[slot, _ONE] ^ word_1) | (entries[slot, PLACE] ^ length)
        if differs == _ZERO:
            entries[slot, COUNT] += count
            return True
        slot = (slot + _ONE) & np.uint64(len(entries) - 1)
    if not has_slot(entries, table.state):
        return False
    entries[slot, _ZERO] = word_0
    entries[slot, _ONE] = word_1
    entries[slot, PLACE] = length
    entries[slot, COUNT] = count
    table.state[DISTINCT] += _ONE
    return True


@numba.njit(cache=True, nogil=True)
def add_long_word(table, data, start, length, count):
    """As `add_word`, for a word of more than `INLINE_BYTES` bytes."""
    entries, long, state = table.entries, table.long, table.state
    hash_0, hash_1 = _ZERO, length
    for i in range(start, start + length):
        byte = np.uint64(data[i])
        hash_0 = (hash_0 ^ byte) * _MULTIPLIER_0
        hash_1 = (hash_1 + byte) * _MULTIPLIER_1
        hash_0 ^= hash_0 >> _HALF
        hash_1 ^= hash_1 >> _HALF
    slot = slot_of(entries, hash_0, hash_1, length)
    while entries[slot, COUNT] != _ZERO:
        place = entries[slot, PLACE]
        if entries[slot, _ZERO] == hash_0 and entries[slot, _ONE] == hash_1 and (place & LOW_HALF) == length:
            offset = place >> _HALF
            same = True
            for i in range(length):
                if long[offset + i] != data[start + i]:
                    same = False
                    break
            if same:
                entries[slot, COUNT] += count
                return True
        slot = (slot + _ONE) & np.uint64(len(entries) - 1)
    offset = state[LONG_USED]
    if not has_slot(entries, state) or np.int64(offset + length) + PADDING > len(long):
        return False
    for i in range(length):
        long[offset + i] = data[start + i]
    entries[slot, _ZERO] = hash_0
    entries[slot, _ONE] = hash_1
    entries[slot, PLACE] = length | (offset << _HALF)
    entries[slot, COUNT] = count
    state[DISTINCT] += _ONE
    state[LONG_USED] += length
    return True


@numba.njit(cache=True, nogil=True)
def move_entries(entries, larger):
    """Enter all words of a table into a larger one, which is empty."""
    for i in range(len(entries)):
        if entries[i, COUNT] != _ZERO:
            slot = slot_of(larger, entries[i, _ZERO], entries[i, _ONE], entries[i, PLACE] & LOW_HALF)
            while larger[slot, COUNT] != _ZERO:
                slot = (slot + _ONE) & np.uint64(len(larger) - 1)
            for j in range(4):
                larger[slot, j] = entries[i, j]


@numba.njit(cache=True, nogil=True, inline="always")
def word_bytes(table, slot):
    """The bytes of the word in a slot: an array with padding, and offset and length in it."""
    place = table.entries[slot, PLACE]
    length = np.int64(place & LOW_HALF)
    if length > INLINE_BYTES:
        return table.long, np.int64(place >> _HALF), length
    return table.entry_bytes, np.int64(slot) * ENTRY_BYTES, length
