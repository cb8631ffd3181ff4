"""A fixed-size cache from the bytes of a chunk of text to its piece ids, for use inside compiled code.

An entry takes one cache line of 64 bytes: the bytes of the chunk (at most 24), a description, and the ids (at most 8).
Longer chunks are not kept. The bytes themselves are compared, so a collision of hashes cannot give wrong ids. Two
entries form a set. A new entry replaces the older one of a full set, so the memory is fixed and the frequent words of
the current text stay.
"""

import numba
import numpy as np

from beam_jobs.tokenizer.byte_words import IN_CHUNK, load_word, trailing_zeros
from beam_jobs.tokenizer.prefetch import prefetch

MAX_BYTES = 24
MAX_IDS = 8
_ENTRY_BYTES = 64

# An entry has 8 words of 64 bits: three for the bytes of the chunk, one for the description, four for the ids (two
# each).
_ZERO, _ONE, _TWO = np.uint64(0), np.uint64(1), np.uint64(2)
DESCRIPTION = np.uint64(3)
FIRST_ID = np.uint64(8)  # counted in words of 32 bits
MISSING = np.uint64(2**64 - 1)  # no entry
# The description holds the length of the chunk (0: an empty entry), flags, and the number of ids.
_KEY_BITS = np.uint64(0x1FF)
WHOLE_TOKEN = 0x100  # the key is a white-space token with its punctuation, not a chunk
SOLID = 0x200  # the chunk has a character that str.strip() does not remove
LOOK_AROUND = 0x400  # no ids, since they depend on the text around the chunk; its white-space token has an entry
COUNT_SHIFT = 16

_THREE, _EIGHT, _SIXTEEN, _LOW_6_BITS = np.uint64(3), np.uint64(8), np.uint64(16), np.uint64(63)
_HALF, _HASH_SHIFT = np.uint64(32), np.uint64(20)
_MULTIPLIER_0 = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER_1 = np.uint64(0xC2B2AE3D27D4EB4F)
_MULTIPLIER_2 = np.uint64(0x165667B19E3779F9)


def new_cache(megabytes: float) -> np.ndarray:
    """An empty cache: uint64 [entries, 8], entries a power of two, aligned to cache lines, at most `megabytes` large."""
    entries = 2
    while entries * 2 * _ENTRY_BYTES <= megabytes * 1e6:
        entries *= 2
    memory = np.zeros((entries + 1) * _ENTRY_BYTES, np.uint8)
    skipped = -memory.ctypes.data % _ENTRY_BYTES
    return memory[skipped : skipped + entries * _ENTRY_BYTES].view(np.uint64).reshape(entries, 8)


@numba.njit(cache=True, inline="always")
def pack_bytes(data, start, length):
    """The `length` (1 to 24) bytes from `start` (both uint64) as three words.

    The last one has its bytes in the high end.
    """
    unwanted = (_ZERO - length * _EIGHT) & _LOW_6_BITS
    if length <= _EIGHT:
        return (load_word(data, start) << unwanted), _ZERO, _ZERO
    if length <= _SIXTEEN:
        return load_word(data, start), (load_word(data, start + _EIGHT) << unwanted), _ZERO
    return load_word(data, start), load_word(data, start + _EIGHT), (load_word(data, start + _SIXTEEN) << unwanted)


@numba.njit(cache=True, inline="always")
def _find_set(cache, word_0, word_1, word_2, key):
    """The first of the two entries that may hold the key, uint64."""
    mixed = (word_0 + key) * _MULTIPLIER_0 ^ (word_1 * _MULTIPLIER_1 + word_2 * _MULTIPLIER_2)
    mixed = (mixed ^ (mixed >> _HALF)) * _MULTIPLIER_0
    return (mixed >> _HASH_SHIFT) & np.uint64(len(cache) - 2)


@numba.njit(cache=True, inline="always")
def _differs(cache, entry, word_0, word_1, word_2, key):
    """0 if the entry holds exactly this key. There is no branch, because the processor could not predict it."""
    difference = (cache[entry, _ZERO] ^ word_0) | (cache[entry, _ONE] ^ word_1) | (cache[entry, _TWO] ^ word_2)
    return difference | ((cache[entry, DESCRIPTION] & _KEY_BITS) ^ key)


@numba.njit(cache=True, inline="always")
def find(cache, word_0, word_1, word_2, key):
    """The entry (uint64) of a key, or MISSING. `key` is the length of the bytes, with WHOLE_TOKEN if they are one."""
    entry = _find_set(cache, word_0, word_1, word_2, key)
    if _differs(cache, entry, word_0, word_1, word_2, key) == _ZERO:
        return entry
    entry += _ONE
    if _differs(cache, entry, word_0, word_1, word_2, key) == _ZERO:
        return entry
    return MISSING


@numba.njit(cache=True)
def ask_for_chunks(cache, data, kinds, position, stop):
    """Ask the processor to load the entries that `find` will read for the chunks that begin from `position` to `stop`.

    All are uint64 as in `pack_bytes`; `kinds` is the result of `mark_bytes`. Returns where the last of them ends.
    """
    while position < stop:
        if kinds[position] == IN_CHUNK:
            start = position
            ahead = load_word(kinds, position)
            while ahead == _ZERO:
                position += _EIGHT
                ahead = load_word(kinds, position)
            position += trailing_zeros(ahead) >> _THREE
            length = position - start
            if length <= np.uint64(MAX_BYTES):
                word_0, word_1, word_2 = pack_bytes(data, start, length)
                first = _find_set(cache, word_0, word_1, word_2, length) * _EIGHT
                prefetch(cache, first)
                prefetch(cache, first + _EIGHT)
        position += _ONE
    return position


@numba.njit(cache=True)
def insert(cache, cache_ids, word_0, word_1, word_2, description, ids, start, count):
    """Store `ids[start:start + count]` under a new key, in the place of the older entry of its set."""
    entry = _find_set(cache, word_0, word_1, word_2, description & _KEY_BITS)
    for i in range(8):
        cache[entry + _ONE, i] = cache[entry, i]
    cache[entry, _ZERO] = word_0
    cache[entry, _ONE] = word_1
    cache[entry, _TWO] = word_2
    cache[entry, DESCRIPTION] = description
    for i in range(count):
        cache_ids[entry, FIRST_ID + np.uint64(i)] = ids[start + i]
