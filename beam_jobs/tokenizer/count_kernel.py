"""The compiled loops that count words: chunks of text into one table, and then the words of the chunks into another."""

import numba
import numpy as np

from beam_jobs.tokenizer.byte_words import ASCII_PUNCTUATION, IN_CHUNK, places_of, trailing_zeros
from beam_jobs.tokenizer.character_classes import CJK, CONTEXT, KIND, MAPPED, PUNCTUATION, REMOVED, SPACE
from beam_jobs.tokenizer.prefetch import prefetch
from beam_jobs.tokenizer.table_kernel import (
    COUNT,
    INLINE_BYTES,
    add_long_word,
    add_short_word,
    add_word,
    short_word,
    slot_of,
    word_bytes,
)
from beam_jobs.tokenizer.utf8_kernel import decode_character

_ZERO, _ONE, _ENTRY, _SIXTEEN = np.uint64(0), np.uint64(1), np.uint64(4), np.uint64(INLINE_BYTES)
_SPAN = 1024  # bytes of text whose chunks are looked up together; their entries fit into the first-level cache
_BLOCK, _BLOCK_BITS = 32, np.uint64(0xFFFFFFFF)  # bytes of `places_of`
_MOST_BYTES = 4  # of a character
_NOT_ALONE, _NO_ROOM = -1, -2


@numba.njit(cache=True, nogil=True)
def count_chunks(table, data, kinds, position, end, punctuation):
    """Count the chunks of `data[position:end]`, runs of IN_CHUNK, and each ASCII punctuation character.

    `data` and `kinds` are as for `tokenize_lines`; `punctuation` is int64 [128]. Returns where it stopped, and the
    length of the chunk for which the table has no room, or 0.

    The text is taken in spans, and each span in three passes: where its chunks begin and end; their words, slots, and
    a request for the memory there; and only then the search. So the waits for memory overlap.
    """
    edges = np.empty(_SPAN + 2, np.uint64)
    words = np.empty((_SPAN // 2 + 1, 3), np.uint64)
    entries = table.entries
    position = np.int64(position)
    while position < end:
        stop = min(position + _SPAN, end)
        while kinds[stop] == IN_CHUNK:  # a chunk is not cut
            stop += 1
        chunks = _edges(kinds, position, stop, edges) // 2
        for i in range(chunks):
            start = edges[2 * i]
            length = edges[2 * i + 1] - start
            if length <= _SIXTEEN:
                word_0, word_1 = short_word(data, start, length)
                slot = slot_of(entries, word_0, word_1, length)
                prefetch(entries, slot * _ENTRY)  # an entry is four numbers
                words[i, 0] = word_0
                words[i, 1] = word_1
                words[i, 2] = slot
        for i in range(chunks):
            start = edges[2 * i]
            length = edges[2 * i + 1] - start
            if length <= _SIXTEEN:
                added = add_short_word(table, words[i, 0], words[i, 1], length, words[i, 2], _ONE)
            else:
                added = add_long_word(table, data, start, length, _ONE)
            if not added:
                _count_punctuation(data, kinds, position, np.int64(start), punctuation)
                return np.int64(start), np.int64(length)
        _count_punctuation(data, kinds, position, stop, punctuation)
        position = stop
    return position, 0


@numba.njit(cache=True, nogil=True, inline="always")
def _edges(kinds, position, stop, edges):
    """Write where chunks of `kinds[position:stop]`, which no chunk crosses, begin and end, by turns; their number."""
    found = 0
    before = np.uint64(0)  # whether the byte before is in a chunk
    for block in range(position, stop + 1, _BLOCK):  # the place `stop` itself is the end of a chunk, or in none
        inside = np.uint64(places_of(kinds, block, np.uint8(IN_CHUNK)))
        changes = (inside ^ ((inside << _ONE) | before)) & _BLOCK_BITS
        before = inside >> np.uint64(_BLOCK - 1)
        if block + _BLOCK > stop:
            changes &= (np.uint64(2) << np.uint64(stop - block)) - _ONE
        while changes != _ZERO:
            edges[found] = np.uint64(block) + trailing_zeros(changes)
            found += 1
            changes &= changes - _ONE
    return found


@numba.njit(cache=True, nogil=True, inline="always")
def _count_punctuation(data, kinds, position, stop, punctuation):
    for block in range(position, stop, _BLOCK):
        marks = np.uint64(places_of(kinds, block, np.uint8(ASCII_PUNCTUATION)))
        if block + _BLOCK > stop:
            marks &= (_ONE << np.uint64(stop - block)) - _ONE
        while marks != _ZERO:
            punctuation[data[np.uint64(block) + trailing_zeros(marks)]] += 1
            marks &= marks - _ONE


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
