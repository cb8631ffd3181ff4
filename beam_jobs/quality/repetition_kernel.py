"""Repetition within a document, compiled: items that stood before, the most frequent n-gram, repeated n-grams.

An n-gram repeats only if both (n-1)-grams within it do. So each length looks only at the places that are left of the
length before it, of which ordinary text has few from 4-grams on: the cost is that of two or three passes, not of nine.
"""

import numba
import numpy as np

from beam_jobs.duplicates.keys_kernel import mix
from beam_jobs.quality.counters import NGRAM_COLUMNS

_FIRST, _LAST_TOP, _LAST = 2, 4, 10  # words of an n-gram
_FACTOR, _EMPTY, _ONE = np.uint64(0x9E3779B97F4A7C15), np.uint64(0), np.uint64(1)
assert _LAST - _FIRST + 1 == NGRAM_COLUMNS


@numba.njit(cache=True, nogil=True)
def slots_for(items):
    """Slots of a hash table for so many items: a power of two of which they take at most two thirds."""
    slots = 64
    while 2 * slots < 3 * items:
        slots *= 2
    return slots


@numba.njit(cache=True, nogil=True)
def repeated_items(hashes, lengths, count, table):
    """How many of the first `count` items stood before, and the sum of their `lengths`.

    `hashes` are uint64 without 0. `table` is uint64 with room for `slots_for(count)`; its content is lost.
    """
    slots = slots_for(count)
    table[:slots] = _EMPTY
    mask = np.uint64(slots - 1)
    repeated, total = 0, 0
    for i in range(count):
        slot = mix(hashes[i]) & mask
        while table[slot] != _EMPTY and table[slot] != hashes[i]:
            slot = (slot + _ONE) & mask
        if table[slot] == _EMPTY:
            table[slot] = hashes[i]
        else:
            repeated += 1
            total += lengths[i]
    return repeated, total


@numba.njit(cache=True, nogil=True)
def count_ngrams(hashes, lengths, count, places, grams, ends, slot_of, table, counts, firsts, columns):
    """Write the nine n-gram counters of the first `count` words into `columns` (int64 [NGRAM_COLUMNS]).

    `hashes` (uint64) and `lengths` (int32) are the words'. The rest is room, whose content is lost: `places` (int32),
    `grams` (uint64), `ends` (int64) and `slot_of` (int32) for `count` + 1 words; `table` (uint64), `counts` and
    `firsts` (int32) for `slots_for(count)`.
    """
    columns[:] = 0
    ends[0] = 0
    for i in range(count):
        ends[i + 1] = ends[i] + lengths[i]
        grams[i] = hashes[i]
    for size in range(_FIRST, _LAST_TOP + 1):  # the first n-gram, which is the most frequent one if none occurs twice
        if count >= size:
            columns[size - _FIRST] = ends[size] + size - 1
    left = max(count - 1, 0)
    for i in range(left):
        places[i] = i
    for size in range(_FIRST, _LAST + 1):
        if left == 0:
            return
        for i in range(left):
            place = places[i]
            grams[place] = (grams[place] * _FACTOR + hashes[place + size - 1]) or _ONE
        slots = slots_for(left)
        table[:slots] = _EMPTY
        if size <= _LAST_TOP:
            top = _top_ngram(size, places, left, grams, ends, slot_of, table, counts, firsts, slots)
            columns[size - _FIRST] = top or columns[size - _FIRST]
            left = _keep_repeated(places, left, slot_of, counts)
        else:
            columns[size - _FIRST] = _repeated_ngrams(size, places, left, grams, ends, table, slots)
        left = _keep_with_next(places, left)


@numba.njit(cache=True, nogil=True)
def _top_ngram(size, places, left, grams, ends, slot_of, table, counts, firsts, slots):
    """The characters of the most frequent n-gram, all occurrences together, or 0 if none occurs twice."""
    mask = np.uint64(slots - 1)
    most, first = 1, -1
    for i in range(left):
        place = places[i]
        gram = grams[place]
        slot = mix(gram) & mask
        while table[slot] != _EMPTY and table[slot] != gram:
            slot = (slot + _ONE) & mask
        slot_of[i] = slot
        if table[slot] == _EMPTY:
            table[slot], counts[slot], firsts[slot] = gram, 1, place
            continue
        counts[slot] += 1
        if counts[slot] > most or (counts[slot] == most and firsts[slot] < first):
            most, first = counts[slot], firsts[slot]
    return most * (ends[first + size] - ends[first] + size - 1) if first >= 0 else 0


@numba.njit(cache=True, nogil=True)
def _repeated_ngrams(size, places, left, grams, ends, table, slots):
    """The characters of n-grams that stood before; after one, the next may begin behind it only."""
    mask = np.uint64(slots - 1)
    total, behind = 0, 0
    for i in range(left):
        place = places[i]
        if place < behind:
            continue
        gram = grams[place]
        slot = mix(gram) & mask
        while table[slot] != _EMPTY and table[slot] != gram:
            slot = (slot + _ONE) & mask
        if table[slot] == _EMPTY:
            table[slot] = gram
        else:
            total += ends[place + size] - ends[place]
            behind = place + size
    return total


@numba.njit(cache=True, nogil=True)
def _keep_repeated(places, left, slot_of, counts):
    """Keep the places, in their order, whose n-gram occurs at least twice; returns how many."""
    kept = 0
    for i in range(left):
        if counts[slot_of[i]] > 1:
            places[kept] = places[i]
            kept += 1
    return kept


@numba.njit(cache=True, nogil=True)
def _keep_with_next(places, left):
    """Keep the places whose next place is there too: an n-gram one word longer can repeat at them only."""
    kept = 0
    for i in range(left - 1):
        if places[i + 1] == places[i] + 1:
            places[kept] = places[i]
            kept += 1
    return kept
