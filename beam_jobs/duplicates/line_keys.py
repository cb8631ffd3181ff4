"""The keys by which lines are compared: a hash of 64 bits of the folded words of each, its digits all alike."""

import functools
import unicodedata
from typing import NamedTuple

import numba
import numpy as np

from beam_jobs.duplicates.folded_characters import ALONE, folded_characters
from beam_jobs.duplicates.keys_kernel import mix
from beam_jobs.tokenizer.utf8_kernel import decode_character

_ALONE = np.uint32(ALONE)
_CODE_POINT = np.uint32(ALONE - 1)
_WORD_SEED, _WORD_FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x9E3779B97F4A7C15)
_KEY_SEED, _KEY_FACTOR = np.uint64(0x452821E638D01377), np.uint64(0xFF51AFD7ED558CCD)
_ONE, _29 = np.uint64(1), np.uint64(29)


class LineKeys(NamedTuple):
    """The keys of some lines."""

    keys: np.ndarray  # uint64 [lines], equal if the folded words are; 0 for a line that has no letter and no digit
    words: np.ndarray  # int64 [lines]


@functools.cache
def line_characters() -> np.ndarray:
    """The table of `folded_characters` with each decimal digit, of any script, as the digit 0; uint32, read-only."""
    folded = folded_characters().copy()
    codes = np.flatnonzero(folded)
    digits = codes[[unicodedata.category(chr(code)) == "Nd" for code in codes.tolist()]]
    folded[digits] = ord("0")
    folded.setflags(write=False)
    return folded


def line_keys(data: np.ndarray, ends: np.ndarray) -> LineKeys:
    """The keys of the lines in `data` (uint8, UTF-8 in Unicode form NFC); `ends` (int64 [lines]) are their ends.

    A line break inside of what `ends` calls a line separates words, as a space does. Words are those of the exact keys of documents, with each digit
    as 0, so that "Side 12 av 40" and "side 31 av 92" are one form. Among a billion forms there are two of the same key with probability 0.03.
    """
    keys, words = np.empty(len(ends), np.uint64), np.empty(len(ends), np.int64)
    _key_lines(data, ends, line_characters(), keys, words)
    return LineKeys(keys, words)


@numba.njit(cache=True, nogil=True)
def _key_lines(data, ends, folded, keys, words):
    position = np.uint64(0)  # unsigned: numba then tests for no negative index
    for line in range(ends.size):
        end = np.uint64(ends[line])
        key = _KEY_SEED
        word = _WORD_SEED
        in_word = False
        count = np.int64(0)
        while position < end:
            byte = data[position]
            character = np.uint32(0)
            if byte < 0x80:
                character = folded[byte]
                position += _ONE
            else:
                code_point, length = decode_character(data, position, end)
                position += np.uint64(length)
                if code_point >= 0:
                    character = folded[code_point]
            lone = (character & _ALONE) != 0
            if character != 0 and not lone:
                word = (word ^ np.uint64(character)) * _WORD_FACTOR
                in_word = True
                continue
            if in_word:
                key = _with_word(key, word)
                count += 1
                word = _WORD_SEED
                in_word = False
            if lone:
                key = _with_word(key, (_WORD_SEED ^ np.uint64(character & _CODE_POINT)) * _WORD_FACTOR)
                count += 1
        if in_word:
            key = _with_word(key, word)
            count += 1
        words[line] = count
        keys[line] = max(mix(key ^ np.uint64(count)), _ONE) if count else np.uint64(0)


@numba.njit(cache=True, inline="always")
def _with_word(key, word):
    key = (key ^ mix(word)) * _KEY_FACTOR
    return key ^ (key >> _29)
