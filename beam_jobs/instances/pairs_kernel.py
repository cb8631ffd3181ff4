"""Plans pairs, compiled. `pairs.py` documents the algorithm, and a test compares the two row by row.

Random numbers are drawn from the document's stream in the same order as in the plain version. `used` counts them.
"""

import numba
import numpy as np

from beam_jobs.instances.pairs import RANDOM_DOCUMENT_TRIES, PairRules
from beam_jobs.records.counter_random import derive_key, draw, draw_below, draw_unit


@numba.njit(cache=True, nogil=True)
def plan_pairs(
    sentence_starts: np.ndarray,
    document_starts: np.ndarray,
    copy_key: np.uint64,
    rules: PairRules,
    rows: np.ndarray,
) -> tuple[int, int, int]:
    """Write the rows of one copy to the front of `rows` (PLANNED_INSTANCE, at least one per sentence).

    Returns the number of rows, of pieces that truncation cut off, and of documents that were set aside.
    """
    room, fixed, random, swapped = rules.room, rules.fixed, rules.random, rules.swapped
    count = cut = aside = 0
    documents = len(document_starts) - 1
    can_be_random = random > 0 and (documents > 1 or not fixed)
    for document in range(documents):
        key = derive_key(copy_key, document)
        target = room
        used = 1
        if draw_unit(key, 0) < rules.short_seq_prob:
            target = 2 + draw_below(key, 1, room - 1)
            used = 2
        first, end = document_starts[document], document_starts[document + 1]
        start = first
        while start < end:
            stop = start
            while stop < end and (
                sentence_starts[stop] - sentence_starts[start] < target or (fixed and stop - start < 2)
            ):
                stop += 1
            begin, middle = start, start + 1
            random_next = True
            if stop - start > 1:
                middle = start + 1 + draw_below(key, used, stop - start - 1)
                used += 1
                random_next = False
                if can_be_random:
                    random_next = draw_unit(key, used) < random
                    used += 1
            elif fixed and start == first:
                if not can_be_random:
                    aside += 1
                    break
            elif fixed:
                random_next = False
                if can_be_random:
                    random_next = draw_unit(key, used) < random
                    used += 1
                if not random_next:
                    middle = start
                    begin = start - 1
                    while begin > first and sentence_starts[stop] - sentence_starts[begin] < target:
                        begin -= 1
            label = rules.random_label if random_next else 0
            a_start, a_stop = sentence_starts[begin], sentence_starts[middle]
            b_start, b_stop = a_stop, sentence_starts[stop]
            if random_next:
                b_start, b_stop, used = _random_segment(
                    sentence_starts, document_starts, document, target - (a_stop - a_start), fixed, key, used
                )
                stop = middle
            elif swapped > 0:
                if draw_unit(key, used) < swapped:
                    a_start, a_stop, b_start, b_stop = b_start, b_stop, a_start, a_stop
                    label = rules.swapped_label
                used += 1
            a_length, b_length = a_stop - a_start, b_stop - b_start
            lost = max(0, a_length + b_length - room)
            if lost > 0:
                a_left, b_left = _truncated_lengths(a_length, b_length, room)
                heads, used = _coins(key, used, a_length - a_left)
                a_start += heads
                heads, used = _coins(key, used, b_length - b_left)
                b_start += heads
                a_length, b_length = a_left, b_left
            cut += lost
            row = rows[count]
            row.a_start = a_start
            row.b_start = b_start
            row.a_length = a_length
            row.b_length = b_length
            row.separators = 0
            row.label = label
            row.truncated = lost > 0
            count += 1
            start = stop
    return count, cut, aside


@numba.njit(cache=True)
def _random_segment(
    sentence_starts: np.ndarray,
    document_starts: np.ndarray,
    document: int,
    target: int,
    fixed: bool,
    key: np.uint64,
    used: int,
) -> tuple[int, int, int]:
    documents = len(document_starts) - 1
    other = document
    if fixed:
        other = draw_below(key, used, documents - 1)
        other += 1 if other >= document else 0
        used += 1
    else:
        for _ in range(RANDOM_DOCUMENT_TRIES):
            other = draw_below(key, used, documents)
            used += 1
            if other != document:
                break
    first, end = document_starts[other], document_starts[other + 1]
    start = first + draw_below(key, used, end - first)
    used += 1
    stop = start + 1
    while stop < end and sentence_starts[stop] - sentence_starts[start] < target:
        stop += 1
    return sentence_starts[start], sentence_starts[stop], used


@numba.njit(cache=True)
def _truncated_lengths(a_length: int, b_length: int, room: int) -> tuple[int, int]:
    """The lengths after pieces are removed from the longer one, or from B in a tie, until both together have `room`."""
    a_left, b_left = min(a_length, room - b_length), min(b_length, room - a_length)
    if a_left >= b_length:  # only A is cut, since it stays the longer one
        return a_left, b_length
    if b_left >= a_length:
        return a_length, b_left
    return room - room // 2, room // 2


@numba.njit(cache=True)
def _coins(key: np.uint64, used: int, tosses: int) -> tuple[int, int]:
    """The number of heads in so many tosses of a fair coin, and the new `used`."""
    heads = 0
    while tosses > 0:
        bits = draw(key, used)
        used += 1
        if tosses < 64:
            bits &= (np.uint64(1) << np.uint64(tosses)) - np.uint64(1)
        heads += _ones(bits)
        tosses -= 64
    return heads, used


@numba.njit(cache=True, inline="always")
def _ones(bits: np.uint64) -> int:
    """The number of bits that are set in 64, added up in pairs, nibbles and bytes."""
    bits -= bits >> np.uint64(1) & np.uint64(0x5555555555555555)
    bits = (bits & np.uint64(0x3333333333333333)) + (bits >> np.uint64(2) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int(np.int64(bits * np.uint64(0x0101010101010101) >> np.uint64(56)))
