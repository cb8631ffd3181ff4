"""Counts of words, as bytes, in a hash table that compiled code fills."""

import zlib

import numba
import numpy as np

from beam_jobs.tokenizer.byte_words import PADDING
from beam_jobs.tokenizer.table_kernel import (
    COUNT,
    DISTINCT,
    ENTRY_BYTES,
    LONG_USED,
    LOW_HALF,
    PLACE,
    TableArrays,
    add_word,
    has_slot,
    move_entries,
    word_bytes,
)

_SMALLEST, _LONG_BYTES, _CACHE_LINE = 1 << 12, 1 << 14, 64
# The table of the usual algorithm, bytewise: the CRC of a single byte tells its entry.
_CRC_TABLE = np.array([zlib.crc32(bytes([i ^ 0xFF])) ^ 0xFF000000 for i in range(256)], np.uint32)


class WordTable:
    """Counts of words. It grows by doubling; threads must not share one. No word holds a newline."""

    def __init__(self) -> None:
        self._entries = _no_entries(_SMALLEST)
        self._long = np.zeros(_LONG_BYTES + PADDING, np.uint8)
        self._state = np.zeros(2, np.uint64)

    @property
    def arrays(self) -> TableArrays:
        """What kernels take; others after `grow`."""
        return TableArrays(self._entries, self._entries.view(np.uint8).reshape(-1), self._long, self._state)

    @property
    def distinct(self) -> int:
        """The number of words."""
        return int(self._state[DISTINCT])

    @property
    def memory(self) -> int:
        """The size of the table in bytes."""
        return self._entries.nbytes + self._long.nbytes

    @property
    def longest(self) -> int:
        """The bytes of the longest word; 0 if there is none."""
        return int((self._entries[:, PLACE] & LOW_HALF).max())

    def slots(self) -> np.ndarray:
        """int64 [distinct], the places of the words in the table, in no meaningful order but always the same."""
        return np.flatnonzero(self._entries[:, COUNT])

    def counts(self, slots: np.ndarray) -> np.ndarray:
        """int64, the counts of the words at these places."""
        return self._entries[slots, COUNT].view(np.int64)

    def hashes(self, slots: np.ndarray) -> np.ndarray:
        """uint32, the CRC-32 (that of `zlib`) of each of the words."""
        return _hashes(self.arrays, slots, _CRC_TABLE)

    def text(self, slots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The words as uint8, a newline behind each; and int64 [words + 1], where each of them begins."""
        starts = np.zeros(len(slots) + 1, np.int64)
        np.cumsum((self._entries[slots, PLACE] & LOW_HALF).view(np.int64) + 1, out=starts[1:])
        out = np.empty(starts[-1], np.uint8)
        _write_words(self.arrays, slots, out)
        return out, starts

    def add(self, text: bytes, counts: np.ndarray) -> None:
        """Add words with a newline behind each, and their counts, int64 and at least 1."""
        data = np.zeros(len(text) + PADDING, np.uint8)
        data[: len(text)] = np.frombuffer(text, np.uint8)
        position, done = 0, 0
        while True:
            position, done, waiting = _add_words(self.arrays, data, position, len(text), counts, done)
            if not waiting:
                return
            self.grow(waiting)

    def grow(self, length: int) -> None:
        """Make room for another word of `length` bytes."""
        if not has_slot(self._entries, self._state):
            larger = _no_entries(2 * len(self._entries))
            move_entries(self._entries, larger)
            self._entries = larger
        needed = int(self._state[LONG_USED]) + length + PADDING
        if needed > len(self._long):
            more = np.zeros(max(2 * len(self._long), needed), np.uint8)
            more[: len(self._long)] = self._long
            self._long = more

    def clear(self) -> None:
        """Forget all words, but keep the memory for the next ones."""
        self._entries.fill(0)
        self._state.fill(0)


def _no_entries(size: int) -> np.ndarray:
    """`size` empty entries, none of which lies in two cache lines."""
    memory = np.zeros(size * ENTRY_BYTES + _CACHE_LINE, np.uint8)
    first = -memory.ctypes.data % _CACHE_LINE
    return memory[first : first + size * ENTRY_BYTES].view(np.uint64).reshape(size, 4)


@numba.njit(cache=True, nogil=True)
def _add_words(table, data, position, end, counts, done):
    """Add words from `position` and `counts[done]` on: where it stopped, and the length of a word without room, or 0."""
    while position < end:
        stop = position
        while data[stop] != 10:
            stop += 1
        length = stop - position
        if not add_word(table, data, np.uint64(position), np.uint64(length), np.uint64(counts[done])):
            return position, done, length
        position = stop + 1
        done += 1
    return position, done, 0


@numba.njit(cache=True, nogil=True)
def _hashes(table, slots, crc_table):
    hashes = np.empty(len(slots), np.uint32)
    for i in range(len(slots)):
        data, offset, length = word_bytes(table, slots[i])
        crc = np.uint32(0xFFFFFFFF)
        for j in range(offset, offset + length):
            crc = crc_table[(crc ^ data[j]) & np.uint32(0xFF)] ^ (crc >> np.uint32(8))
        hashes[i] = crc ^ np.uint32(0xFFFFFFFF)
    return hashes


@numba.njit(cache=True, nogil=True)
def _write_words(table, slots, out):
    at = 0
    for i in range(len(slots)):
        data, offset, length = word_bytes(table, slots[i])
        for j in range(length):
            out[at + j] = data[offset + j]
        at += length
        out[at] = 10
        at += 1
