"""A fixed-size cache from the bytes of a chunk of text to its piece ids, for use inside compiled code.

One entry is one cache line of 64 bytes: the chunk's bytes themselves (at most 24, so a hit is exact: no hash can
collide into wrong ids), a word about them, and the ids (at most 8). Longer chunks are not kept. Two entries form a set;
a full set loses its older entry, so the memory is fixed and the frequent words of the text at hand stay in.
"""

import numba
import numpy as np

MAX_BYTES = 24
MAX_IDS = 8
_ENTRY_BYTES = 64

# An entry as 8 words of 64 bits: three of the chunk's bytes, its description, then the ids in pairs.
_DESCRIPTION = 3
_IDS = 8  # the first id, counted in words of 32 bits
# The description: the chunk's length (0: an empty entry), then flags, then the number of ids.
WHOLE_TOKEN = 0x100  # the key is a white-space token with its punctuation, not a chunk
KEY_BITS = 0x1FF
SOLID = 0x200  # something in the chunk is not white space to str.strip()
CONTEXT = 0x400  # no ids: they depend on the text around the chunk, look the white-space token up
COUNT_SHIFT = 16

_ONE = np.uint64(1)
_HALF = np.uint64(32)
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
def pack_bytes(data, start, end):
    """The up to 24 bytes `data[start:end]` as three words."""
    word_0 = np.uint64(0)
    word_1 = np.uint64(0)
    word_2 = np.uint64(0)
    shift = np.uint64(0)
    for i in range(start, min(end, start + 8)):
        word_0 |= np.uint64(data[i]) << shift
        shift += np.uint64(8)
    if end - start > 8:
        shift = np.uint64(0)
        for i in range(start + 8, min(end, start + 16)):
            word_1 |= np.uint64(data[i]) << shift
            shift += np.uint64(8)
        shift = np.uint64(0)
        for i in range(start + 16, min(end, start + 24)):
            word_2 |= np.uint64(data[i]) << shift
            shift += np.uint64(8)
    return word_0, word_1, word_2


@numba.njit(cache=True, inline="always")
def find_set(cache, word_0, word_1, word_2, key):
    """The index of the first entry of the set that the key belongs to."""
    mixed = (word_0 + key) * _MULTIPLIER_0 ^ (word_1 * _MULTIPLIER_1 + word_2 * _MULTIPLIER_2)
    mixed = (mixed ^ (mixed >> _HALF)) * _MULTIPLIER_0
    return np.int64((mixed >> np.uint64(20)) & np.uint64(len(cache) - 2))


@numba.njit(cache=True, inline="always")
def matches(cache, entry, word_0, word_1, word_2, key):
    """Whether the entry holds exactly this key."""
    return (
        cache[entry, 0] == word_0
        and (cache[entry, _DESCRIPTION] & np.uint64(KEY_BITS)) == key
        and cache[entry, 1] == word_1
        and cache[entry, 2] == word_2
    )


@numba.njit(cache=True)
def insert(cache, cache_ids, entry, word_0, word_1, word_2, description, ids, start, count):
    """Store `ids[start:start + count]` in the set that begins at `entry`; its older entry goes."""
    for i in range(8):
        cache[entry + 1, i] = cache[entry, i]
    cache[entry, 0] = word_0
    cache[entry, 1] = word_1
    cache[entry, 2] = word_2
    cache[entry, _DESCRIPTION] = description | (np.uint64(count) << np.uint64(COUNT_SHIFT))
    for i in range(count):
        cache_ids[entry, _IDS + i] = ids[start + i]
