"""The tokenizer's inner loops, compiled: bytes of whole lines to piece ids, sentence ends and document ends.

The text is cut at ASCII white space and punctuation into chunks. The pieces of a text are those of its chunks, one
after the other, so the ids of a chunk that was seen before come from the cache, without decoding it. Any other chunk is
decoded, where invalid UTF-8 is left out as by `bytes.decode("utf-8", "ignore")`. Its characters are treated as the
character tables say, and its words are matched against the trie of pieces.

There is one exception. The lower case of a CONTEXT character depends on its neighbours. The whole white-space token
with such a character is given to the plain-Python tokenizer, and its ids are cached too.
"""

from typing import NamedTuple

import numba
import numpy as np

from beam_jobs.tokenizer.byte_words import ASCII_PUNCTUATION, BLANK, IN_CHUNK, load_word, trailing_zeros
from beam_jobs.tokenizer.character_classes import CJK, CONTEXT, KIND, MAPPED, PUNCTUATION, REMOVED, SPACE, STRIPPED
from beam_jobs.tokenizer.chunk_cache import (
    COUNT_SHIFT,
    DESCRIPTION,
    FIRST_ID,
    LOOK_AROUND,
    MAX_BYTES,
    MAX_IDS,
    MISSING,
    SOLID,
    WHOLE_TOKEN,
    ask_for_chunks,
    find,
    insert,
    pack_bytes,
)
from beam_jobs.tokenizer.utf8_kernel import decode_character
from beam_jobs.tokenizer.wordpiece_trie import match_word

# Indices of `state`, int64, which holds the position of the kernel. If the kernel returns with WAITING set, it needs
# the plain-Python tokenizer for the token from TOKEN_START to POSITION, whose ids belong at AT.
STATE_SIZE = 11
POSITION, AT, LINE_AT, LINE_SOLID, WAITING, TOKEN_START = 0, 1, 2, 3, 4, 5
SENTENCES, DOCUMENTS, DOCUMENT_SENTENCES, EMPTY_LINES, INVALID_BYTES = 6, 7, 8, 9, 10


_ZERO, _ONE, _THREE, _EIGHT, _MAX_BYTES = (np.uint64(n) for n in (0, 1, 3, 8, MAX_BYTES))
_LEAST_AHEAD, _MOST_AHEAD = np.uint64(128), np.uint64(256)  # bytes of text whose cache entries are asked for


class KernelTables(NamedTuple):
    """Everything the kernel reads, and its cache."""

    punctuation_ids: np.ndarray  # int32 [128], the piece of an ASCII punctuation character
    classes: np.ndarray  # the three arrays of CharacterTables
    mapped_start: np.ndarray
    mapped: np.ndarray
    nodes: np.ndarray  # the two arrays of PieceTrie
    edges: np.ndarray
    continuation_root: int
    cache: np.ndarray  # uint64 [entries, 8]
    cache_ids: np.ndarray  # int32 [entries, 16], the same memory
    word: np.ndarray  # int32 [max_input_chars_per_word], the code points of the current word
    unknown: int


@numba.njit(cache=True, nogil=True)
def tokenize_lines(tables, data, kinds, end, state, out, sentence_ends, document_ends):
    """Tokenize `data[state[POSITION]:end]`, whole lines that end in a newline, and update `state`.

    `data` (uint8) has `PADDING` bytes after `end`, and `kinds` is the result of `mark_bytes`. `out` (int32) has room
    for one id for each byte and `MAX_IDS` more. `sentence_ends` (int64) receives the offset into `out` where each
    sentence ends, and `document_ends` (int64) the number of sentences up to the end of each document.
    """
    cache = tables.cache
    cache_ids = tables.cache_ids
    punctuation_ids = tables.punctuation_ids
    characters = (tables.classes, tables.mapped_start, tables.mapped)
    pieces = (tables.nodes, tables.edges, tables.continuation_root, tables.unknown)
    word = tables.word
    # Unsigned indices save numba's check for negative ones. The slow path takes signed ones.
    position = np.uint64(state[POSITION])
    at = np.uint64(state[AT])
    stop = np.uint64(end)
    token_start = position
    token_at = at
    line_at = np.uint64(state[LINE_AT])
    solid = state[LINE_SOLID]
    sentences = state[SENTENCES]
    invalid = token_invalid = state[INVALID_BYTES]
    state[WAITING] = 0
    asked = position
    while position < stop:
        # Most entries are in no cache of the processor. It loads them while it works on the text before them.
        if asked < position + _LEAST_AHEAD:
            asked = ask_for_chunks(cache, data, kinds, max(asked, position), min(position + _MOST_AHEAD, stop))
        kind = kinds[position]
        if kind == IN_CHUNK:
            start = position
            ahead = load_word(kinds, position)
            while ahead == _ZERO:
                position += _EIGHT
                ahead = load_word(kinds, position)
            position += trailing_zeros(ahead) >> _THREE
            length = position - start
            entry = MISSING
            if length <= _MAX_BYTES:
                word_0, word_1, word_2 = pack_bytes(data, start, length)
                entry = find(cache, word_0, word_1, word_2, length)
            if entry != MISSING:
                description = np.int64(cache[entry, DESCRIPTION])
                for i in range(MAX_IDS):
                    out[at + np.uint64(i)] = cache_ids[entry, FIRST_ID + np.uint64(i)]
            else:
                first, last, begin = np.int64(start), np.int64(position), np.int64(at)
                description, dropped = _tokenize_chunk(characters, pieces, word, data, first, last, out, begin)
                invalid += dropped
                count = description >> COUNT_SHIFT
                # A chunk with invalid bytes is not cached, because an entry has no count of them.
                if length <= _MAX_BYTES and count <= MAX_IDS and dropped == 0:
                    content = length | np.uint64(description)
                    insert(cache, cache_ids, word_0, word_1, word_2, content, out, begin, count)
            if description & LOOK_AROUND:
                while kinds[position] == IN_CHUNK or kinds[position] == ASCII_PUNCTUATION:
                    position += _ONE
                at = token_at
                invalid = token_invalid
                length = position - token_start
                entry = MISSING
                if length <= _MAX_BYTES:
                    word_0, word_1, word_2 = pack_bytes(data, token_start, length)
                    entry = find(cache, word_0, word_1, word_2, length | np.uint64(WHOLE_TOKEN))
                if entry == MISSING:
                    state[WAITING] = 1
                    state[TOKEN_START] = token_start
                    break
                description = np.int64(cache[entry, DESCRIPTION])
                for i in range(MAX_IDS):
                    out[at + np.uint64(i)] = cache_ids[entry, FIRST_ID + np.uint64(i)]
            at += np.uint64(description >> COUNT_SHIFT)
            solid |= description & SOLID
        elif kind == BLANK:
            position += _ONE
            token_start = position
            token_at = at
            token_invalid = invalid
        elif kind == ASCII_PUNCTUATION:
            out[at] = punctuation_ids[data[position]]
            at += _ONE
            position += _ONE
            solid = 1
        else:
            position += _ONE
            if at > line_at:
                sentence_ends[sentences] = at
                sentences += 1
            elif solid:
                state[EMPTY_LINES] += 1
            elif sentences > state[DOCUMENT_SENTENCES]:
                document_ends[state[DOCUMENTS]] = sentences
                state[DOCUMENTS] += 1
                state[DOCUMENT_SENTENCES] = sentences
            solid = 0
            line_at = at
            token_start = position
            token_at = at
            token_invalid = invalid
    state[POSITION] = position
    state[AT] = at
    state[LINE_AT] = line_at
    state[LINE_SOLID] = solid
    state[SENTENCES] = sentences
    state[INVALID_BYTES] = invalid


@numba.njit(cache=True)
def keep_whole_token(tables, data, start, end, out, at, count):
    """Cache the ids `out[at:at + count]`, at least one, of the white-space token `data[start:end]`."""
    length = end - start
    if length <= MAX_BYTES and count <= MAX_IDS:
        word_0, word_1, word_2 = pack_bytes(data, np.uint64(start), np.uint64(length))
        description = np.uint64(length | WHOLE_TOKEN | (count << COUNT_SHIFT))
        insert(tables.cache, tables.cache_ids, word_0, word_1, word_2, description, out, at, count)


@numba.njit(cache=True)
def _tokenize_chunk(characters, pieces, word, data, start, end, out, at):
    """Write the ids of a chunk to `out[at:]`.

    Returns its cache description, without the length, and its invalid bytes.
    """
    classes, mapped_start, mapped = characters
    nodes, edges, continuation_root, unknown = pieces
    begin = at
    solid = 0
    dropped = 0
    length = 0
    position = start
    while position < end:
        code_point, size = decode_character(data, position, end)
        position += size
        if code_point < 0:
            dropped += size
            continue
        character = classes[code_point]
        kind = character & KIND
        if character & STRIPPED == 0:
            solid = SOLID
        if kind == REMOVED:
            continue
        if character & CONTEXT:
            return np.int64(LOOK_AROUND), 0
        separate = kind == CJK
        first = 0
        count = 1
        if kind == SPACE:
            separate = True
            count = 0
        elif character & MAPPED:
            first = mapped_start[code_point]
            count = mapped[first]
        if separate and length > 0:
            at = match_word(nodes, edges, continuation_root, word, length, unknown, out, at)
            length = 0
        for i in range(count):
            if character & MAPPED:
                code_point = mapped[first + 1 + i]
                kind = classes[code_point] & KIND
            alone = separate or kind == PUNCTUATION
            if alone and length > 0:
                at = match_word(nodes, edges, continuation_root, word, length, unknown, out, at)
                length = 0
            if length < len(word):
                word[length] = code_point
            length += 1
            if alone:
                at = match_word(nodes, edges, continuation_root, word, length, unknown, out, at)
                length = 0
    if length > 0:
        at = match_word(nodes, edges, continuation_root, word, length, unknown, out, at)
    return np.int64(((at - begin) << COUNT_SHIFT) | solid), dropped
