"""The compiled count of words: letters, and hyphens between letters, without case."""

import unicodedata

import numba
import numpy as np

_KNOWN = 0x3000  # code points; beyond are scripts that are not hyphenated
LETTERS = np.array([unicodedata.category(chr(code))[0] in "LM" for code in range(_KNOWN)])
LOWER = np.array([ord(chr(code).lower()) if len(chr(code).lower()) == 1 else code for code in range(_KNOWN)], np.uint32)
LETTERS.setflags(write=False)
LOWER.setflags(write=False)

_HYPHEN, _UNICODE_HYPHEN, _NOT_SIGN = 0x2D, 0x2010, 0xAC
_SPACE, _NEWLINE, _RETURN = 0x20, 0x0A, 0x0D
_BASIS, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)  # FNV-1a
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
_ONE = np.uint64(1)


@numba.njit(cache=True, inline="always")
def _is_letter(code):
    return code < _KNOWN and LETTERS[code]


@numba.njit(cache=True, inline="always")
def _is_hyphen(code):
    return code in (_HYPHEN, _UNICODE_HYPHEN)


@numba.njit(cache=True, inline="always")
def _with_character(key, code):
    return (key ^ np.uint64(code)) * _PRIME


@numba.njit(cache=True, inline="always")
def _finished(key):
    """Spread over all bits, and never 0, which marks an empty slot."""
    key = (key ^ (key >> _SHIFT)) * _MIX
    return (key ^ (key >> _SHIFT)) | _ONE


@numba.njit(cache=True, inline="always")
def _add(key, keys, counts):
    """Count a word. Returns whether it is new."""
    mask = np.uint64(keys.size - 1)
    key = _finished(key)
    slot = key & mask
    while keys[slot] != 0 and keys[slot] != key:
        slot = (slot + _ONE) & mask
    new = keys[slot] == 0
    keys[slot] = key
    if counts[slot] < 0xFFFFFFFF:
        counts[slot] += 1
    return new


@numba.njit(cache=True, nogil=True)
def count_words(codes, keys, counts):
    """Count the words of a text into a table with open addressing. Returns how many words, and how many new keys.

    A word is of letters, with single hyphens between them; of these words, the part up to the first hyphen ("e-") and the part from
    the last one ("-post") are counted, too. Words beside a hyphen at which a word may be divided are not
    counted: before `-` or `¬` with a space or a line end behind it, and after these.

    Args:
        codes: uint32 [characters].
        keys: uint64 [a power of two]: hashes of words, 0 where there is none. Must have room for all new words.
        counts: uint32, as long.
    """
    words = new = 0
    after_division = False
    position = 0
    while position < codes.size:
        if not _is_letter(codes[position]):
            position += 1
            continue
        key = _BASIS
        first, last = np.uint64(0), np.uint64(0)
        while position < codes.size:
            code = codes[position]
            if _is_letter(code):
                key = _with_character(key, LOWER[code])
                last = _with_character(last, LOWER[code])
            elif _is_hyphen(code) and position + 1 < codes.size and _is_letter(codes[position + 1]):
                key = _with_character(key, _HYPHEN)
                last = _with_character(_BASIS, _HYPHEN)
                if first == 0:
                    first = key
            else:
                break
            position += 1
        divided = False
        if position + 1 < codes.size and (_is_hyphen(codes[position]) or codes[position] == _NOT_SIGN):
            divided = codes[position + 1] in (_SPACE, _NEWLINE, _RETURN)
        if not divided and not after_division:
            new += _add(key, keys, counts)
            if first != 0:
                new += _add(first, keys, counts)
                new += _add(last, keys, counts)
            words += 1
        after_division = divided
    return words, new


@numba.njit(cache=True, nogil=True)
def hash_words(codes, keys):
    """Write the hashes of words, each with a newline behind it, to `keys` (uint64 [words])."""
    key = _BASIS
    word = 0
    for position in range(codes.size):
        code = codes[position]
        if code == _NEWLINE:
            keys[word] = _finished(key)
            key = _BASIS
            word += 1
        elif _is_hyphen(code):
            key = _with_character(key, _HYPHEN)
        else:
            key = _with_character(key, LOWER[code] if code < _KNOWN else code)


@numba.njit(cache=True, nogil=True)
def rehash(keys, counts, new_keys, new_counts):
    """Move the entries with a count above 0 to an empty table of another size."""
    mask = np.uint64(new_keys.size - 1)
    for place in range(keys.size):
        if keys[place] != 0 and counts[place] > 0:
            slot = keys[place] & mask
            while new_keys[slot] != 0:
                slot = (slot + _ONE) & mask
            new_keys[slot] = keys[place]
            new_counts[slot] = counts[place]
