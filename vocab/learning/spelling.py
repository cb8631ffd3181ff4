"""Words of a `WordList` as numbers of their characters, compiled by numba."""

import numba
import numpy as np

CODE_POINTS = 0x110000


@numba.njit(cache=True)
def count_characters(text, counts, longest):
    """How often each character occurs, int64 [CODE_POINTS]; the number of words that count; the sum of their lengths.

    Words with more than `longest` characters, empty ones, and those that do not occur do not count.
    """
    seen = np.zeros(CODE_POINTS, np.int64)
    words = 0
    characters = 0
    start = 0
    for count in counts:
        end, length = _measure(text, start)
        if _counts(length, count, longest):
            words += 1
            characters += length
            while start < end:
                code_point, start = _next_character(text, start)
                seen[code_point] += count
        start = end + 1
    return seen, words, characters


@numba.njit(cache=True)
def spell(text, counts, longest, first, rest, characters):
    """The words that count as numbers of characters, one word after the other.

    `first` and `rest`, int32 [CODE_POINTS], number the first and the other characters of a word; 0 if they have none.
    `characters` is the sum of `count_characters`.

    Returns the numbers, int32; where each word ends in them, int64 [words]; and how often each occurs, int64 [words].
    Words with a character without a number are left out.
    """
    symbols = np.empty(characters, np.int32)
    ends, kept = np.empty(len(counts), np.int64), np.empty(len(counts), np.int64)
    words = 0
    at = 0
    start = 0
    for count in counts:
        end, length = _measure(text, start)
        if _counts(length, count, longest):
            begin = at
            numbers = first
            while start < end:
                code_point, start = _next_character(text, start)
                if numbers[code_point] == 0:
                    at = begin
                    break
                symbols[at] = numbers[code_point]
                at += 1
                numbers = rest
            if at > begin:
                ends[words], kept[words] = at, count
                words += 1
        start = end + 1
    return symbols[:at], ends[:words], kept[:words]


@numba.njit(cache=True, inline="always")
def _counts(length, count, longest):
    return 0 < length <= longest and count > 0


@numba.njit(cache=True, inline="always")
def _measure(text, start):
    """Where the word ends, and its length in characters."""
    end = start
    length = 0
    while text[end] != 10:
        length += (text[end] & 0xC0) != 0x80
        end += 1
    return end, length


@numba.njit(cache=True, inline="always")
def _next_character(text, at):
    """The code point at a place in valid UTF-8, and the place behind it."""
    lead = np.int64(text[at])
    if lead < 0x80:
        return lead, at + 1
    more = 1 + (lead >= 0xE0) + (lead >= 0xF0)
    code_point = lead & (0x3F >> more)
    for i in range(at + 1, at + 1 + more):
        code_point = code_point << 6 | (text[i] & 0x3F)
    return code_point, at + 1 + more
