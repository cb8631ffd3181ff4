"""The tokenizer's inner loops, compiled: bytes of whole lines to piece ids, sentence ends and document ends.

The text is cut at ASCII white space and punctuation; what lies between is a chunk. The tokenization of a text is the
concatenation of those of its chunks, so a chunk seen before is answered from the cache without being decoded. Any other
chunk is decoded (invalid UTF-8 left out, as by `bytes.decode("utf-8", "ignore")`), every character treated as the
character tables say, and its words matched against the trie of pieces. The one exception: a CONTEXT character is
lower-cased by its neighbours, so its whole white-space token is handed to the plain-Python tokenizer, and cached too.
"""

from typing import NamedTuple

import numba
import numpy as np

from beam_jobs.instances import chunk_cache
from beam_jobs.instances.character_classes import CJK, CONTEXT, KIND, MAPPED, PUNCTUATION, REMOVED, SPACE, STRIPPED
from beam_jobs.instances.chunk_cache import find_set, insert, matches, pack_bytes
from beam_jobs.instances.wordpiece_trie import match_word

# What a byte is to the cutting loop.
IN_CHUNK, BLANK, LINE_END, ASCII_PUNCTUATION = 0, 1, 2, 3

# `state`, int64: where the kernel stands. It returns with WAITING set when it needs the plain-Python tokenizer for the
# token from TOKEN_START to POSITION, whose ids belong at AT.
STATE_SIZE = 11
POSITION, AT, LINE_AT, LINE_SOLID, WAITING, TOKEN_START = 0, 1, 2, 3, 4, 5
SENTENCES, DOCUMENTS, DOCUMENT_SENTENCES, EMPTY_LINES, INVALID_BYTES = 6, 7, 8, 9, 10


class KernelTables(NamedTuple):
    """Everything the kernel reads, and its cache."""

    byte_kinds: np.ndarray  # uint8 [256]
    punctuation_ids: np.ndarray  # int32 [128], the piece of an ASCII punctuation character
    classes: np.ndarray  # the three arrays of CharacterTables
    mapped_start: np.ndarray
    mapped: np.ndarray
    edges: np.ndarray  # the trie of pieces
    cache: np.ndarray  # uint64 [entries, 8]
    cache_ids: np.ndarray  # int32 [entries, 16], the same memory
    word: np.ndarray  # int32 [max_input_chars_per_word], the code points of the word at hand
    unknown: int


@numba.njit(cache=True)
def tokenize_lines(tables, data, end, state, out, sentence_ends, document_ends):
    """Tokenize `data[state[POSITION]:end]`, lines that end in a newline, from `state`, which is brought up to date.

    `out` (int32) must have room for one id per byte and `MAX_IDS` more; `sentence_ends` (int64) gets an offset into
    `out` per sentence, `document_ends` (int64) a number of sentences of `sentence_ends` per document.
    """
    byte_kinds = tables.byte_kinds
    punctuation_ids = tables.punctuation_ids
    cache = tables.cache
    cache_ids = tables.cache_ids
    position = state[POSITION]
    at = state[AT]
    line_at = state[LINE_AT]
    solid = state[LINE_SOLID]
    token_start = position
    token_at = at
    token_invalid = state[INVALID_BYTES]
    state[WAITING] = 0
    while position < end:
        kind = byte_kinds[data[position]]
        if kind == IN_CHUNK:
            start = position
            position += 1
            while byte_kinds[data[position]] == IN_CHUNK:
                position += 1
            length = position - start
            if length <= chunk_cache.MAX_BYTES:
                key = np.uint64(length)
                word_0, word_1, word_2 = pack_bytes(data, start, position)
                entry = find_set(cache, word_0, word_1, word_2, key)
                if matches(cache, entry, word_0, word_1, word_2, key):
                    description = np.int64(cache[entry, 3])
                elif matches(cache, entry + 1, word_0, word_1, word_2, key):
                    entry += 1
                    description = np.int64(cache[entry, 3])
                else:
                    entry = -1
                    description = _tokenize_and_keep(tables, data, start, position, out, at, state)
            else:
                entry = -1
                description = _tokenize_chunk(tables, data, start, position, out, at, state)
            if description & chunk_cache.CONTEXT:
                while byte_kinds[data[position]] == IN_CHUNK or byte_kinds[data[position]] == ASCII_PUNCTUATION:
                    position += 1
                at = token_at
                state[INVALID_BYTES] = token_invalid
                length = position - token_start
                description = 0
                if length <= chunk_cache.MAX_BYTES:
                    key = np.uint64(length | chunk_cache.WHOLE_TOKEN)
                    word_0, word_1, word_2 = pack_bytes(data, token_start, position)
                    entry = find_set(cache, word_0, word_1, word_2, key)
                    if matches(cache, entry, word_0, word_1, word_2, key):
                        description = np.int64(cache[entry, 3])
                    elif matches(cache, entry + 1, word_0, word_1, word_2, key):
                        entry += 1
                        description = np.int64(cache[entry, 3])
                if description == 0:
                    state[WAITING] = 1
                    state[TOKEN_START] = token_start
                    break
            count = description >> chunk_cache.COUNT_SHIFT
            if entry >= 0:
                for i in range(chunk_cache.MAX_IDS):
                    out[at + i] = cache_ids[entry, 8 + i]
            at += count
            solid |= description & chunk_cache.SOLID
        elif kind == BLANK:
            position += 1
            token_start = position
            token_at = at
            token_invalid = state[INVALID_BYTES]
        elif kind == ASCII_PUNCTUATION:
            out[at] = punctuation_ids[data[position]]
            at += 1
            position += 1
            solid = 1
        else:
            position += 1
            if at > line_at:
                sentence_ends[state[SENTENCES]] = at
                state[SENTENCES] += 1
            elif solid:
                state[EMPTY_LINES] += 1
            elif state[SENTENCES] > state[DOCUMENT_SENTENCES]:
                document_ends[state[DOCUMENTS]] = state[SENTENCES]
                state[DOCUMENTS] += 1
                state[DOCUMENT_SENTENCES] = state[SENTENCES]
            solid = 0
            line_at = at
            token_start = position
            token_at = at
            token_invalid = state[INVALID_BYTES]
    state[POSITION] = position
    state[AT] = at
    state[LINE_AT] = line_at
    state[LINE_SOLID] = solid


@numba.njit(cache=True)
def _tokenize_and_keep(tables, data, start, end, out, at, state):
    invalid = state[INVALID_BYTES]
    description = _tokenize_chunk(tables, data, start, end, out, at, state)
    count = description >> chunk_cache.COUNT_SHIFT
    # Entries do not count invalid bytes, so chunks with some are not kept.
    if count <= chunk_cache.MAX_IDS and state[INVALID_BYTES] == invalid:
        _keep(tables, data, start, end, np.uint64(end - start), description, out, at)
    return description


@numba.njit(cache=True)
def keep_whole_token(tables, data, start, end, out, at, count):
    """Remember that the white-space token `data[start:end]` has the ids `out[at:at + count]`."""
    if end - start <= chunk_cache.MAX_BYTES and count <= chunk_cache.MAX_IDS:
        key = np.uint64((end - start) | chunk_cache.WHOLE_TOKEN)
        _keep(tables, data, start, end, key, (count << chunk_cache.COUNT_SHIFT) | chunk_cache.SOLID, out, at)


@numba.njit(cache=True)
def _keep(tables, data, start, end, key, description, out, at):
    word_0, word_1, word_2 = pack_bytes(data, start, end)
    entry = find_set(tables.cache, word_0, word_1, word_2, key)
    count = description >> chunk_cache.COUNT_SHIFT
    insert(tables.cache, tables.cache_ids, entry, word_0, word_1, word_2, key | np.uint64(description), out, at, count)


@numba.njit(cache=True)
def _tokenize_chunk(tables, data, start, end, out, at, state):
    """Write the ids of the chunk to `out[at:]`; the description a cache entry would have, without the chunk's length."""
    word = tables.word
    begin = at
    solid = 0
    length = 0
    position = start
    while position < end:
        code_point, size = _decode(data, position, end)
        position += size
        if code_point < 0:
            state[INVALID_BYTES] += size
            continue
        character = tables.classes[code_point]
        if character & STRIPPED == 0:
            solid = chunk_cache.SOLID
        kind = character & KIND
        if kind == REMOVED:
            continue
        if character & CONTEXT:
            return np.int64(chunk_cache.CONTEXT)
        if (kind == SPACE or kind == CJK) and length > 0:
            at = _match(tables, word, length, out, at)
            length = 0
        if kind == SPACE:
            continue
        separate = kind == CJK
        first = 0
        count = 1
        if character & MAPPED:
            first = tables.mapped_start[code_point]
            count = tables.mapped[first]
        for i in range(count):
            if character & MAPPED:
                code_point = tables.mapped[first + 1 + i]
                kind = tables.classes[code_point] & KIND
            if kind == PUNCTUATION:
                if length > 0:
                    at = _match(tables, word, length, out, at)
                word[0] = code_point
                at = _match(tables, word, 1, out, at)
                length = 0
            else:
                if length < len(word):
                    word[length] = code_point
                length += 1
        if separate and length > 0:
            at = _match(tables, word, length, out, at)
            length = 0
    if length > 0:
        at = _match(tables, word, length, out, at)
    return np.int64(((at - begin) << chunk_cache.COUNT_SHIFT) | solid)


@numba.njit(cache=True)
def _match(tables, word, length, out, at):
    if length > len(word):  # longer than max_input_chars_per_word
        out[at] = tables.unknown
        return at + 1
    return match_word(tables.edges, word, length, tables.unknown, out, at)


@numba.njit(cache=True, inline="always")
def _decode(data, position, end):
    """The code point at `position` and its bytes; or -1 and the bytes of the maximal invalid subpart (Unicode 3.9)."""
    lead = np.int64(data[position])
    if lead < 0x80:
        return lead, 1
    low = 0x80
    high = 0xBF
    if 0xC2 <= lead <= 0xDF:
        more = 1
        code_point = lead & 0x1F
    elif 0xE0 <= lead <= 0xEF:
        more = 2
        code_point = lead & 0x0F
        if lead == 0xE0:
            low = 0xA0
        elif lead == 0xED:
            high = 0x9F
    elif 0xF0 <= lead <= 0xF4:
        more = 3
        code_point = lead & 0x07
        if lead == 0xF0:
            low = 0x90
        elif lead == 0xF4:
            high = 0x8F
    else:
        return -1, 1
    for i in range(1, more + 1):
        if position + i >= end or data[position + i] < low or data[position + i] > high:
            return -1, i
        code_point = (code_point << 6) | np.int64(data[position + i] & 0x3F)
        low = 0x80
        high = 0xBF
    return code_point, more + 1
