"""The compiled search for the places where a sentence may end; it decides the clear ones and leaves out the impossible.

What it says of a place is what the regular expression of candidates.py and the rules of boundaries.py say, which decide
the rest. Most places are clear: a full stop within a number, a question mark before a capital, a name after "i ". To
find and decide those in Python takes most of the time of segmentation.
"""

import numba
import numpy as np

from beam_jobs.text.candidates import LONG_WORD

# What is known of a character: bits of its entry in the table. Above them is what may begin there.
KNOWN, LETTER, SIMPLE, LOWER, UPPER = 1, 2, 4, 8, 16
VOWEL, CAPITAL_LETTER, AFTER_LONG_WORD, BEFORE_UNSTOPPED, NO_CLOSER, SIGN, OPENING = 32, 64, 128, 256, 512, 1024, 2048
BEGINS_SHIFT = 12
LINE_END, FULL_STOP, EXCLAMATION, COLON, CLAUSE_STOP, INITIAL, DASH, OTHER = 1, 2, 3, 4, 5, 6, 7, 8

# What the kernel says of a place; LINE_END says that a line ends there.
CUT, OPEN = 2, 3
_NONE = 0

DOUBLE_SPACE = -1  # instead of the number of places

FILTER_SIZE = 1 << 14
_SPACE, _NEWLINE, _COLON, _FULL_STOP, _EXCLAMATION, _QUESTION, _OPEN_QUOTATION = (ord(one) for one in " \n:.!?«")
_LOOK_BACK = 400  # characters, as far as boundaries.py looks back for an open quotation


@numba.njit(cache=True, inline="always")
def mix(key, code):
    """The hash of a word with one more character, the code point `code`. That of the empty word is 0."""
    return (key * 31 + code) & 0xFFFFFFFF


@numba.njit(cache=True, inline="always")
def filter_slot(key):
    """The place of a word's hash in a filter of `FILTER_SIZE` entries. Different words may share it."""
    return (key ^ (key >> 14)) & (FILTER_SIZE - 1)


@numba.njit(cache=True, nogil=True)
def find_places(codes, tables, places, verdicts):
    """Find the places in `codes`. Returns how many there are, or DOUBLE_SPACE if two spaces follow each other.

    `places` (int64) receives the index of each place, and `verdicts` (uint8) what it is: LINE_END; CUT, where a
    sentence ends behind this character and the next one begins two characters later; or OPEN, where the pattern and the
    rules must decide. There is room in both for all of `codes`.

    `codes` are the code points of lines without white space at their ends, uint16 or uint32, with a newline behind each
    line and one before the first.
    """
    table = tables.characters
    last = np.uint32(len(table) - 1)
    count = 0
    before = np.uint32(0)
    for position in range(1, len(codes)):
        code = np.uint32(codes[np.uintp(position)])  # unsigned, which saves numba's check for negative indices
        if code == _SPACE and before == _SPACE:
            return DOUBLE_SPACE
        before = code
        begins = table[np.uintp(min(code, last))] >> BEGINS_SHIFT
        if begins == 0:
            continue
        verdict = OPEN
        if begins == LINE_END:
            verdict = LINE_END
        elif begins == INITIAL:
            verdict = _at_initial(codes, position, tables)
        elif begins == FULL_STOP:
            verdict = _at_full_stop(codes, position, tables)
        elif begins == EXCLAMATION:
            verdict = _at_exclamation(codes, position, table)
        elif begins == COLON:
            verdict = _at_colon(codes, position, table)
        elif begins == CLAUSE_STOP:
            verdict = _at_clause_stop(codes, position, tables)
        elif begins == DASH:
            verdict = _at_dash(codes, position, tables)
        if verdict:
            places[count] = position
            verdicts[count] = verdict
            count += 1
    return count


@numba.njit(cache=True, inline="always")
def _traits(codes, at, table):
    return table[min(codes[at], len(table) - 1)]


@numba.njit(cache=True, inline="always")
def _is_small(code):
    return ord("a") <= code <= ord("z")


@numba.njit(cache=True, inline="always")
def _is_stop(code):
    return code in (_FULL_STOP, _EXCLAMATION, _QUESTION)


@numba.njit(cache=True, nogil=True)
def _at_full_stop(codes, at, tables):
    table = tables.characters
    if codes[at + 1] != _SPACE:
        return _before_no_space(codes, at, table)
    small = _is_small(codes[at + 2])
    following = _traits(codes, at + 2, table)
    if not following & KNOWN:
        return OPEN
    if _is_stop(codes[at - 1]):
        return _NONE  # part of a candidate that began before it, or of none
    letters = key = seen = 0
    start = at - 1
    while True:
        before = _traits(codes, start, table)
        if not before & SIMPLE:
            break
        key = mix(key, tables.lower[codes[start]])
        seen |= before
        letters += 1
        start -= 1
        if letters == tables.long_word:
            if following & AFTER_LONG_WORD:
                return OPEN if tables.long_endings[filter_slot(key)] else CUT
            if small:
                return _NONE
            if not following & OPENING:
                return OPEN
    if before & LETTER or not before & KNOWN:
        return OPEN
    if small:
        return _NONE
    if following & OPENING:
        if letters < tables.long_word or not _traits(codes, at + 3, table) & UPPER:
            return OPEN
    elif not following & UPPER:
        return OPEN
    elif letters == 0:
        return CUT if before & SIGN else OPEN
    if codes[start] != _SPACE and codes[start] != _NEWLINE:
        return OPEN
    if letters < 2 or not seen & LOWER or (letters < LONG_WORD and not seen & VOWEL):
        return OPEN
    return OPEN if tables.listed[filter_slot(key)] else CUT


@numba.njit(cache=True, nogil=True)
def _before_no_space(codes, at, table):
    """What a stop is that no space follows: nothing before a letter, or where the line ends after it."""
    if _traits(codes, at + 1, table) & NO_CLOSER:
        return _NONE
    after = at + 1
    while codes[after] == _FULL_STOP and after < at + 4:
        after += 1
    if codes[after] != _NEWLINE and _traits(codes, after, table) & KNOWN:
        after += 1  # a closing mark
    return _NONE if codes[after] == _NEWLINE else OPEN


@numba.njit(cache=True, nogil=True)
def _at_exclamation(codes, at, table):
    if codes[at + 1] != _SPACE:
        return _before_no_space(codes, at, table)
    if _is_small(codes[at + 2]) or _is_stop(codes[at - 1]):
        return _NONE
    if _traits(codes, at + 2, table) & CAPITAL_LETTER and _traits(codes, at - 1, table) & LETTER:
        return CUT
    return OPEN


@numba.njit(cache=True, nogil=True)
def _at_colon(codes, at, table):
    """At a colon or semicolon that ends no sentence in this language, but may begin an emoticon."""
    following = codes[at + 1]
    if following == ord("D") or following == ord("P") or following == ord("(") or following == ord("-"):
        return OPEN
    return _NONE if following == _SPACE or _traits(codes, at + 1, table) & NO_CLOSER else OPEN


@numba.njit(cache=True, nogil=True)
def _at_clause_stop(codes, at, tables):
    table = tables.characters
    if codes[at + 1] != _SPACE:
        return _at_colon(codes, at, table)
    if _is_small(codes[at + 2]) or ord("0") <= codes[at + 2] <= ord("9"):
        return _NONE
    if codes[at] != _COLON or not _traits(codes, at + 2, table) & UPPER:
        return OPEN
    start = at - 1
    key = 0
    while _traits(codes, start, table) & SIMPLE:
        key = mix(key, tables.lower[codes[start]])
        start -= 1
    if start == at - 1 or (codes[start] != _SPACE and codes[start] != _NEWLINE) or tables.labels[filter_slot(key)]:
        return OPEN
    first = max(0, at - _LOOK_BACK)
    while start >= first and codes[start] != _NEWLINE:
        if codes[start] == _OPEN_QUOTATION:
            return OPEN
        start -= 1
    return CUT


@numba.njit(cache=True, nogil=True)
def _at_initial(codes, at, tables):
    if codes[at - 1] != _SPACE:
        return _NONE
    return _at_unstopped(codes, at, at, tables)


@numba.njit(cache=True, nogil=True)
def _at_dash(codes, at, tables):
    if codes[at - 1] != _SPACE or codes[at + 1] != _SPACE:
        return _NONE
    return _at_unstopped(codes, at, at + 2, tables)


@numba.njit(cache=True, nogil=True)
def _at_unstopped(codes, at, word, tables):
    """OPEN if what stands before the space before `at` may end a sentence, and the word at `word` may open one."""
    table = tables.characters
    before = _traits(codes, at - 2, table)
    if before & KNOWN and not before & BEFORE_UNSTOPPED:
        return _NONE
    key = 0
    while True:
        traits = _traits(codes, word, table)
        if not traits & LETTER:
            break
        key = mix(key, codes[word])
        word += 1
    if not traits & KNOWN:
        return OPEN
    return OPEN if tables.unstopped[filter_slot(key)] else _NONE
