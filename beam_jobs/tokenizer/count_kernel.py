"""The compiled loops that count words: chunks of text into one table, and then the words of the chunks into another."""

import numba
import numpy as np

from beam_jobs.tokenizer.byte_words import ASCII_PUNCTUATION, IN_CHUNK, load_word, trailing_zeros
from beam_jobs.tokenizer.character_classes import CJK, CONTEXT, KIND, MAPPED, PUNCTUATION, REMOVED, SPACE
from beam_jobs.tokenizer.table_kernel import COUNT, add_word, word_bytes
from beam_jobs.tokenizer.utf8_kernel import decode_character

_ZERO, _ONE, _THREE, _EIGHT = np.uint64(0), np.uint64(1), np.uint64(3), np.uint64(8)
_MOST_BYTES = 4  # of a character
_NOT_ALONE, _NO_ROOM = -1, -2


@numba.njit(cache=True, nogil=True)
def count_chunks(table, data, kinds, position, end, punctuation):
    """Count the chunks of `data[position:end]`, runs of IN_CHUNK, and each ASCII punctuation character.

    `data` and `kinds` are as for `tokenize_lines`; `punctuation` is int64 [128]. Returns where it stopped, and the
    length of the chunk for which the table has no room, or 0.
    """
    position = np.uint64(position)
    end = np.uint64(end)
    while position < end:
        kind = kinds[position]
        if kind == IN_CHUNK:
            start = position
            ahead = load_word(kinds, position)
            while ahead == _ZERO:
                position += _EIGHT
                ahead = load_word(kinds, position)
            position += trailing_zeros(ahead) >> _THREE
            if not add_word(table, data, start, position - start, _ONE):
                return np.int64(start), np.int64(position - start)
        else:
            if kind == ASCII_PUNCTUATION:
                punctuation[data[position]] += 1
            position += _ONE
    return np.int64(position), 0


@numba.njit(cache=True, nogil=True)
def split_chunks(chunks, tables, words, slot, done, unusual, found, scratch):
    """Add the words of the chunks from `slot` on, without the first `done` words of the chunk there.

    The slots of chunks that need the plain splitter go to `unusual[found:]`. `scratch`, uint8, holds any word. Returns
    where it stopped (`slot`, `done`, `found`), and the length of the word for which `words` has no room, or 0.
    """
    for at in range(slot, len(chunks.entries)):
        count = chunks.entries[at, COUNT]
        if count != _ZERO:
            result = _split(chunks, at, tables, words, done, count, scratch)
            if result[0] == _NO_ROOM:
                return at, result[1], found, result[2]
            if result[0] == _NOT_ALONE:
                unusual[found] = at
                found += 1
        done = 0
    return len(chunks.entries), 0, found, 0


@numba.njit(cache=True, nogil=True)
def _split(chunks, slot, tables, words, done, count, scratch):
    """The words of a chunk, as the tokenizer makes them. Nothing is added if one needs the plain splitter."""
    data, start, size = word_bytes(chunks, slot)
    end = start + size
    classes, mapped_start, mapped = tables
    if done == 0 and not _is_usual(classes, data, start, end):
        return _NOT_ALONE, 0, 0
    made = 0
    length = 0
    position = start
    while position < end:
        code_point, read = decode_character(data, position, end)
        position += read
        character = classes[code_point]
        kind = character & KIND
        if kind == REMOVED:
            continue
        separate = kind in (CJK, SPACE)
        first = 0
        parts = 0 if kind == SPACE else 1
        if kind != SPACE and character & MAPPED:
            first = mapped_start[code_point]
            parts = mapped[first]
        if separate and length > 0:
            made += 1
            if made > done and not add_word(words, scratch, _ZERO, np.uint64(length), count):
                return _NO_ROOM, made - 1, length
            length = 0
        for i in range(parts):
            if character & MAPPED:
                code_point = mapped[first + 1 + i]
                kind = classes[code_point] & KIND
            alone = separate or kind == PUNCTUATION
            if alone and length > 0:
                made += 1
                if made > done and not add_word(words, scratch, _ZERO, np.uint64(length), count):
                    return _NO_ROOM, made - 1, length
                length = 0
            length = _encode(code_point, scratch, length)
            if alone:
                made += 1
                if made > done and not add_word(words, scratch, _ZERO, np.uint64(length), count):
                    return _NO_ROOM, made - 1, length
                length = 0
    if length > 0:
        made += 1
        if made > done and not add_word(words, scratch, _ZERO, np.uint64(length), count):
            return _NO_ROOM, made - 1, length
    return 0, made, 0


@numba.njit(cache=True, nogil=True)
def _is_usual(classes, data, start, end):
    position = start
    while position < end:
        code_point, read = decode_character(data, position, end)
        if code_point < 0 or classes[code_point] & CONTEXT:
            return False
        position += read
    return True


@numba.njit(cache=True, inline="always")
def _encode(code_point, out, at):
    """Write a character as UTF-8 to `out[at:]`; where it ends."""
    if code_point < 0x80:
        out[at] = code_point
        return at + 1
    if code_point < 0x800:
        out[at] = 0xC0 | (code_point >> 6)
        out[at + 1] = 0x80 | (code_point & 0x3F)
        return at + 2
    if code_point < 0x10000:
        out[at] = 0xE0 | (code_point >> 12)
        out[at + 1] = 0x80 | ((code_point >> 6) & 0x3F)
        out[at + 2] = 0x80 | (code_point & 0x3F)
        return at + 3
    out[at] = 0xF0 | (code_point >> 18)
    out[at + 1] = 0x80 | ((code_point >> 12) & 0x3F)
    out[at + 2] = 0x80 | ((code_point >> 6) & 0x3F)
    out[at + 3] = 0x80 | (code_point & 0x3F)
    return at + 4
