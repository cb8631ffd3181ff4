"""The compiled pass over a document that gives its counters, and the words, lines and paragraphs that may repeat.

A line is kept by C4 if it has at least 3 words, none over 1,000 characters, ends with a stop or a closing quotation
mark but not with an ellipsis, and names neither JavaScript nor a policy (Raffel et al. 2020, section 2.2).
"""

import numba
import numpy as np

from beam_jobs.quality.character_classes import BULLET, COUNTED, DIGIT, LETTER, LONE, MARK, PHRASE, QUOTE, SPACE, STOP
from beam_jobs.quality.counters import COLUMN, SHORT_LINE
from beam_jobs.quality.phrases import JAVASCRIPT, LOREM_IPSUM, POLICY
from beam_jobs.quality.stop_words import FACTOR, SEED, SLOTS
from beam_jobs.tokenizer.utf8_kernel import decode_character

C4_LINE_WORDS, C4_WORD_CHARACTERS = 3, 1000
_NEWLINE, _FULL_STOP, _ELLIPSIS, _REPLACEMENT = 0x0A, 0x2E, 0x2026, 0xFFFD
_HASH, _OPEN, _CLOSE = ord("#"), ord("{"), ord("}")
_TEXT = LETTER | DIGIT | MARK
_SEED, _FACTOR, _32 = np.uint64(SEED), np.uint64(FACTOR), np.uint64(32)
_NONE, _ONE, _TWO, _THREE = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(3)
_PHRASE_BIT = PHRASE.bit_length() - 1
_SLOT = np.uint64(SLOTS - 1)

CHARACTERS, NEWLINES, LETTERS = COLUMN["characters"], COLUMN["newlines"], COLUMN["letters"]
DIGITS, MARKS, LONE_CHARACTERS = COLUMN["digits"], COLUMN["marks"], COLUMN["lone_characters"]
HASHES, ELLIPSES, BRACES = COLUMN["hashes"], COLUMN["ellipses"], COLUMN["braces"]
REPLACEMENTS, WORDS, TEXT_WORDS = COLUMN["replacement_characters"], COLUMN["words"], COLUMN["text_words"]
TEXT_WORD_CHARACTERS, ALPHABETIC_WORDS = COLUMN["text_word_characters"], COLUMN["alphabetic_words"]
STOP_WORDS, LONGEST_WORD, LINES = COLUMN["stop_words"], COLUMN["longest_word"], COLUMN["lines"]
SHORT_LINES, PUNCTUATED_LINES = COLUMN["short_lines"], COLUMN["punctuated_lines"]
BULLET_LINES, ELLIPSIS_LINES = COLUMN["bullet_lines"], COLUMN["ellipsis_lines"]
JAVASCRIPT_LINES, LOREM_LINES, POLICY_LINES = (COLUMN[f"{n}_lines"] for n in ("javascript", "lorem_ipsum", "policy"))
C4_LINES, C4_SENTENCES, PARAGRAPHS = COLUMN["c4_lines"], COLUMN["c4_sentences"], COLUMN["paragraphs"]


@numba.njit(cache=True, nogil=True)
def count_document(data, start, end, tables, row, words, lines, paragraphs):
    """Count bytes [start, end) of `data` (uint8, UTF-8) into `row` (int64), all columns but repetition and confidence.

    `tables` are the flags of `character_classes`, the three arrays of `phrase_table`, and of the document's language
    the rows of `stop_word_tables`. `words`, `lines` and `paragraphs` are each a pair of arrays, uint64
    hashes and int32 lengths, with room for `(end - start) // 2 + 1`; written are as many as `row` then counts. An
    invalid byte, as Unicode counts them, is U+FFFD.
    """
    classes, phrases, phrase_flags, second_letters, stop_hashes, stop_numbers, stop_shift = tables
    word_hashes, word_lengths = words
    line_hashes, line_lengths = lines
    paragraph_hashes, paragraph_lengths = paragraphs
    row[:] = 0
    position, last = np.uint64(start), np.uint64(end)  # unsigned: numba then tests for no negative index
    characters = letters = digits = marks = lone = 0
    alphabetic = text_words = text_length = 0
    number = line_number = paragraph_number = 0
    found = _NONE  # a bit for each stop word
    dots = 0
    word, length, seen, tail = _SEED, 0, 0, 0  # of the word that is read; `tail` is its last flags that are no quote
    line, line_words, line_start, line_end = _SEED, 0, 0, 0
    line_longest = line_sentences = line_phrases = 0
    first_flags = last_flags = 0
    start_byte = end_byte = dots_end = position
    last_code = 0
    paragraph, paragraph_length, paragraph_lines = _SEED, 0, 0
    before = SPACE
    while True:
        at_end = position >= last
        if at_end:
            code, flags = _NEWLINE, SPACE
        else:
            byte = data[position]
            if byte < 0x80:
                code = byte
                position += _ONE
            else:
                code, size = decode_character(data, position, last)
                position += np.uint64(size)
                if code < 0:
                    code = _REPLACEMENT
            flags = classes[code]
            characters += 1
        if length and (flags & (SPACE | LONE) or before & LONE):
            word = (word ^ (word >> _32)) or _ONE
            word_hashes[number], word_lengths[number] = word, length
            number += 1
            line = (line ^ word) * _FACTOR
            line ^= line >> _32
            line_words += 1
            line_longest = max(line_longest, length)
            line_sentences += (tail & STOP) != 0
            alphabetic += seen & LETTER
            if seen & _TEXT:
                text_words += 1
                text_length += length
            slot = (word >> stop_shift) & _SLOT
            found |= np.uint64(stop_hashes[slot] == word) << stop_numbers[slot]  # without a branch: it is quicker
            word, length, seen, tail = _SEED, 0, 0, 0
        if flags & SPACE == 0:
            if length == 0 and line_words == 0:
                first_flags, line_start, start_byte = flags, characters, position
            word = (word ^ np.uint64(code)) * _FACTOR
            length += 1
            seen |= flags
            letters += flags & LETTER
            if flags & (DIGIT | MARK | LONE):
                digits += (flags & DIGIT) != 0
                marks += (flags & MARK) != 0
                lone += (flags & LONE) != 0
            if flags & QUOTE == 0:
                tail = flags
            second = data[position] if position < last else 0
            if flags & PHRASE & (second_letters[code & 31] >> (second & 31) << _PHRASE_BIT) and before & LETTER == 0:
                line_phrases |= _phrases_at(data, position - _ONE, last, phrases, phrase_flags)
            if flags & (LETTER | LONE) == LETTER:  # the letters of ASCII that follow, which most text consists of
                run = 0
                while position < last and np.uint8((data[position] | 0x20) - 0x61) < 26:
                    word = (word ^ np.uint64(data[position])) * _FACTOR
                    position += _ONE
                    run += 1
                characters += run
                length += run
                letters += run
            last_flags, last_code, line_end, end_byte = flags, code, characters, position
            if flags & COUNTED:
                if code == _FULL_STOP:
                    dots = dots + 1 if dots_end + _ONE == end_byte else 1
                    dots_end = end_byte
                    if dots == 3:  # as "....." holds one "..."
                        row[ELLIPSES] += 1
                        dots = 0
                row[ELLIPSES] += code == _ELLIPSIS
                row[HASHES] += code == _HASH
                row[BRACES] += code in (_OPEN, _CLOSE)
                row[REPLACEMENTS] += code == _REPLACEMENT
        elif code == _NEWLINE:
            row[NEWLINES] += not at_end
            if line_words:
                size = line_end - line_start + 1
                line_hashes[line_number], line_lengths[line_number] = line or _ONE, size
                line_number += 1
                ellipsis = last_code == _ELLIPSIS or _ends_with_dots(data, start_byte - _ONE, end_byte)
                row[SHORT_LINES] += size <= SHORT_LINE
                row[PUNCTUATED_LINES] += (last_flags & STOP) != 0 and last_code != _ELLIPSIS
                row[BULLET_LINES] += (first_flags & BULLET) != 0
                row[ELLIPSIS_LINES] += ellipsis
                row[JAVASCRIPT_LINES] += (line_phrases & JAVASCRIPT) != 0
                row[LOREM_LINES] += (line_phrases & LOREM_IPSUM) != 0
                row[POLICY_LINES] += (line_phrases & POLICY) != 0
                row[LONGEST_WORD] = max(row[LONGEST_WORD], line_longest)
                terminated = last_flags & (STOP | QUOTE) and not ellipsis
                suspect = line_longest > C4_WORD_CHARACTERS or line_phrases & (JAVASCRIPT | POLICY)
                if terminated and line_words >= C4_LINE_WORDS and not suspect:
                    row[C4_LINES] += 1
                    row[C4_SENTENCES] += max(line_sentences, 1)
                paragraph = (paragraph ^ line) * _FACTOR
                paragraph ^= paragraph >> _32
                paragraph_length += size + (paragraph_lines > 0)  # with the newline between two lines
                paragraph_lines += 1
            if paragraph_lines and (at_end or line_words == 0):
                paragraph_hashes[paragraph_number] = paragraph or _ONE
                paragraph_lengths[paragraph_number] = paragraph_length
                paragraph_number += 1
                paragraph, paragraph_length, paragraph_lines = _SEED, 0, 0
            line, line_words, line_longest, line_sentences, line_phrases = _SEED, 0, 0, 0, 0
        if at_end:
            break
        before = flags
    row[CHARACTERS], row[LETTERS], row[DIGITS], row[MARKS] = characters, letters, digits, marks
    row[LONE_CHARACTERS], row[WORDS], row[LINES], row[PARAGRAPHS] = lone, number, line_number, paragraph_number
    row[ALPHABETIC_WORDS], row[TEXT_WORDS], row[TEXT_WORD_CHARACTERS] = alphabetic, text_words, text_length
    while found:
        row[STOP_WORDS] += 1
        found &= found - _ONE


@numba.njit(cache=True, nogil=True)
def _phrases_at(data, position, end, phrases, phrase_flags):
    """The flags of the phrases that begin at `position`, in any case. The zero behind a phrase ends it."""
    flags = 0
    for i in range(phrases.shape[0]):
        at = position
        for letter in phrases[i]:
            if letter == 0:
                flags |= phrase_flags[i]
                break
            if at >= end:
                break
            byte = data[at]
            if 0x41 <= byte <= 0x5A:  # A to Z
                byte |= 0x20
            if byte != letter:
                break
            at += _ONE
    return flags


@numba.njit(cache=True, inline="always")
def _ends_with_dots(data, start, end):
    """Whether bytes [start, end) end with three full stops."""
    if end < start + _THREE:
        return False
    return data[end - _ONE] == data[end - _TWO] == data[end - _THREE] == _FULL_STOP
