"""The compiled loops of `PairTable`.

Most of the time of learning is waiting for memory. So a position is a single word of 64 bits, a pair is half a cache line,
and what a merge needs is read ahead. The memory of positions and of pairs that are gone is used again.
"""

import numba
import numpy as np

from vocab.learning.pair_rows import COUNT, EMPTY, KEY, SYMBOL_BITS, has_room, home_of, row_of

# A position, int64: the symbol, the distances to the next and the previous one in the word (0: none), and the number of
# the word's count.
MAX_SYMBOL, MAX_LENGTH, MAX_COUNTS = (1 << 24) - 2, 255, 1 << 23
_SYMBOL, _DISTANCE, _AHEAD, _BEHIND, _COUNT_NUMBER = 0xFFFFFF, 0xFF, 24, 32, 40
_GONE = _SYMBOL
_AT_ONCE = 64  # positions that are merged together

_START, LENGTH, _NEW = 4, 5, 6  # columns of a row as int32: its entries, and how many more there will be
_ENTRIES, PAIRS, _FETCHED = 0, 1, 2  # of the state: how many there are; the result of `_fetch`


@numba.njit(cache=True)
def link_words(symbols, word_ends, numbers):
    """The positions of words, of which `numbers` has the number of each word's count."""
    positions = np.empty(len(symbols), np.int64)
    start = 0
    for word in range(len(word_ends)):
        end = word_ends[word]
        for i in range(start, end):
            ahead = 1 if i + 1 < end else 0
            behind = 1 if i > start else 0
            positions[i] = symbols[i] | (ahead << _AHEAD) | (behind << _BEHIND) | (numbers[word] << _COUNT_NUMBER)
        start = end
    return positions


@numba.njit(cache=True, inline="always")
def _key_at(positions, i):
    """The pair that begins at a position, or -1."""
    ahead = (positions[i] >> _AHEAD) & _DISTANCE
    if ahead == 0:
        return np.int64(-1)
    return (positions[i] & _SYMBOL) << SYMBOL_BITS | (positions[i + ahead] & _SYMBOL)


@numba.njit(cache=True)
def _raise(rows, narrow, state, key, weight):
    """Count the pair `weight` more times, and one more entry of it; its row."""
    row = row_of(rows, key)
    if rows[row, KEY] == EMPTY:
        rows[row, KEY] = key
        state[PAIRS] += 1
    rows[row, COUNT] += weight
    narrow[row, _NEW] += 1
    return row


@numba.njit(cache=True)
def count_pairs(positions, weights, start, rows, narrow, state):
    """Count the pairs from position `start` on until the table is full. Returns the first position not counted."""
    for i in range(start, len(positions)):
        key = _key_at(positions, i)
        if key >= 0:
            if not has_room(rows, state[PAIRS] + 1):
                return i
            _raise(rows, narrow, state, key, weights[positions[i] >> _COUNT_NUMBER])
    return len(positions)


@numba.njit(cache=True)
def enter_pairs(positions, rows, narrow, entries, state):
    """Enter the positions of all pairs, those of a pair one after the other."""
    for row in range(len(rows)):
        narrow[row, _START] = state[_ENTRIES]
        state[_ENTRIES] += narrow[row, _NEW]
        narrow[row, LENGTH] = narrow[row, _NEW] = 0
    for i in range(len(positions)):
        key = _key_at(positions, i)
        if key >= 0:
            _enter(narrow, entries, row_of(rows, key), i)


@numba.njit(cache=True, inline="always")
def _enter(narrow, entries, row, position):
    entries[narrow[row, _START] + narrow[row, LENGTH]] = position
    narrow[row, LENGTH] += 1


@numba.njit(cache=True)
def _without_gone(positions, rows, narrow, entries, state, room):
    """The entries without those of changed positions, and with room for more."""
    live = 0
    for row in range(len(rows)):
        if rows[row, COUNT] <= 0:
            narrow[row, LENGTH] = 0
        else:
            start, length = narrow[row, _START], narrow[row, LENGTH]
            kept = 0
            for i in entries[start : start + length]:
                if _key_at(positions, i) == rows[row, KEY]:
                    entries[start + kept] = i
                    kept += 1
            narrow[row, LENGTH] = kept
            live += kept
    smaller = np.empty(live + room + live // 4, np.int32)
    at = 0
    for row in range(len(rows)):
        if rows[row, COUNT] > 0:
            start, length = narrow[row, _START], narrow[row, LENGTH]
            smaller[at : at + length] = entries[start : start + length]
            narrow[row, _START] = at
            at += length
    state[_ENTRIES] = at
    return smaller


@numba.njit(cache=True)
def _fetch(positions, entries, left, right, symbol, rows):
    """Read what a merge at these entries will need. Such reads do not wait for each other, as those of a merge do.

    The result has no meaning, but without it the compiler would leave the reads out.
    """
    pair = np.int64(left) << SYMBOL_BITS | np.int64(right)
    result = np.int64(0)
    for i in entries:
        if _key_at(positions, i) == pair:
            here = positions[i]
            j = i + ((here >> _AHEAD) & _DISTANCE)
            before = (positions[i - ((here >> _BEHIND) & _DISTANCE)] & _SYMBOL) << SYMBOL_BITS
            after = positions[j + ((positions[j] >> _AHEAD) & _DISTANCE)] & _SYMBOL
            result ^= rows[home_of(rows, before | left), KEY] ^ rows[home_of(rows, before | symbol), KEY]
            result ^= rows[home_of(rows, np.int64(right) << SYMBOL_BITS | after), KEY]
            result ^= rows[home_of(rows, np.int64(symbol) << SYMBOL_BITS | after), KEY]
    return result


@numba.njit(cache=True)
def merge_pair(positions, weights, row, left, right, symbol, rows, narrow, entries, state):
    """Merge the pair of a row. Returns keys and counts of the pairs that became more frequent, and the entries."""
    start, length = narrow[row, _START], narrow[row, LENGTH]
    narrow[row, LENGTH] = 0
    if left == right:  # the pairs in a run of one symbol overlap, so they are merged from the left
        entries[start : start + length].sort()
    raised = np.empty((2 * length, 2), np.int32)  # rows and positions
    touched = np.empty(2 * length, np.int32)
    pair = np.int64(left) << SYMBOL_BITS | np.int64(right)
    found = 0
    made = 0
    for place in range(length):
        if place % _AT_ONCE == 0:
            ahead_of = entries[start + place : start + min(place + _AT_ONCE, length)]
            state[_FETCHED] = _fetch(positions, ahead_of, left, right, symbol, rows)
        i = entries[start + place]
        if _key_at(positions, i) != pair:
            continue
        here = positions[i]
        j = i + ((here >> _AHEAD) & _DISTANCE)
        behind, ahead = (here >> _BEHIND) & _DISTANCE, (positions[j] >> _AHEAD) & _DISTANCE
        weight = weights[here >> _COUNT_NUMBER]
        rows[row, COUNT] -= weight
        if behind > 0:
            other = positions[i - behind] & _SYMBOL
            rows[row_of(rows, other << SYMBOL_BITS | left), COUNT] -= weight
            raised[made, 0] = _raise(rows, narrow, state, other << SYMBOL_BITS | symbol, weight)
            raised[made, 1] = i - behind
            found = _touch(narrow, raised[made, 0], touched, found)
            made += 1
        total = 0
        if ahead > 0:
            after = j + ahead
            other = positions[after] & _SYMBOL
            rows[row_of(rows, np.int64(right) << SYMBOL_BITS | other), COUNT] -= weight
            raised[made, 0] = _raise(rows, narrow, state, np.int64(symbol) << SYMBOL_BITS | other, weight)
            raised[made, 1] = i
            found = _touch(narrow, raised[made, 0], touched, found)
            made += 1
            total = after - i
            positions[after] = positions[after] & ~(_DISTANCE << _BEHIND) | (total << _BEHIND)
        positions[i] = here & ~(_SYMBOL | _DISTANCE << _AHEAD) | (total << _AHEAD) | symbol
        positions[j] = _GONE
    rows_found = touched[:found]
    entries = _with_room(positions, rows, narrow, entries, state, rows_found)
    for place in range(made):
        _enter(narrow, entries, raised[place, 0], raised[place, 1])
    keys, counts = np.empty(found, np.int64), np.empty(found, np.int64)
    for place in range(found):
        keys[place], counts[place] = rows[rows_found[place], KEY], rows[rows_found[place], COUNT]
    return keys, counts, entries


@numba.njit(cache=True, inline="always")
def _touch(narrow, row, touched, found):
    """Put a row that has just been raised among the `found` ones, unless it is there already; their number then."""
    if narrow[row, _NEW] == 1:
        touched[found] = row
        found += 1
    return found


@numba.njit(cache=True)
def _with_room(positions, rows, narrow, entries, state, touched):
    """The entries, where those of each touched pair have room behind them for its new ones."""
    needed = 0
    for row in touched:
        needed += narrow[row, LENGTH] + narrow[row, _NEW]
    if state[_ENTRIES] + needed > len(entries):
        entries = _without_gone(positions, rows, narrow, entries, state, needed)
    for row in touched:
        start, length = narrow[row, _START], narrow[row, LENGTH]
        at = state[_ENTRIES]
        entries[at : at + length] = entries[start : start + length]
        narrow[row, _START] = at
        state[_ENTRIES] += length + narrow[row, _NEW]
        narrow[row, _NEW] = 0
    return entries
