"""The compiled passes over word n-grams: those of evaluation texts, and a look-up of those of documents.

The hash of an n-gram is the difference of two prefix hashes, so each length costs a product and a look-up a word (Karp
and Rabin, "Efficient randomized pattern-matching algorithms", 1987). The last prefixes are in a ring: memory does not
grow with a document.
"""

import numba
import numpy as np

from beam_jobs.duplicates.next_word import next_word

MOST_WORDS = 63
_RING = 64
_LAST = _RING - 1
_FACTOR, _OF_LENGTH = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_0, _1, _6, _63 = np.uint64(0), np.uint64(1), np.uint64(6), np.uint64(63)
NOTHING = -1
"""The owner of no n-gram."""


@numba.njit(cache=True, nogil=True, inline="always")
def _ngram(prefix, earlier, power, length):
    """The hash of the `length` words between two prefixes, `power` being the factor to the power of `length`.

    The hashes of words are mixed, so their sums are, and all bits are equally good.
    """
    return prefix - earlier * power + np.uint64(length) * _OF_LENGTH


@numba.njit(cache=True, nogil=True)
def powers_of_factor(lengths):
    """The factor of the prefix hashes to the power of each of `lengths` (int64 [n]), uint64 [n]."""
    powers = np.empty(lengths.size, np.uint64)
    for i in range(lengths.size):
        power = _1
        for _ in range(lengths[i]):
            power *= _FACTOR
        powers[i] = power
    return powers


@numba.njit(cache=True, nogil=True)
def list_ngrams(data, ends, folded, size, least, ngrams, words):
    """Write the n-grams of texts, and return how many there are.

    `data` (uint8), `ends` (int64 [texts]) and `folded` are as for `key_documents`. A text of `size` or more words has
    all its n-grams of `size`; one of `least` or more words has one, of all its words; a shorter one has none. Written:
    `ngrams` (uint64 [len(data)] or longer); `words` (int64 [texts]), the number of words of each text.
    """
    power = powers_of_factor(np.array([size]))[0]
    ring = np.zeros(_RING, np.uint64)
    count = 0
    position = _0
    for text in range(ends.size):
        end = np.uint64(ends[text])
        ring[0] = _0
        prefix = _0
        number = 0
        while True:
            found, word, position = next_word(data, position, end, folded)
            if not found:
                break
            number += 1
            prefix = prefix * _FACTOR + word
            ring[number & _LAST] = prefix
            if number >= size:
                ngrams[count] = _ngram(prefix, ring[(number - size) & _LAST], power, size)
                count += 1
        words[text] = number
        if least <= number < size:
            ngrams[count] = _ngram(prefix, _0, _0, number)
            count += 1
    return count


@numba.njit(cache=True, nogil=True)
def find_ngrams(data, ends, folded, lengths, table, begins, bitmap, shift, count_all, first, shared, all_ngrams, hits):
    """Look up the n-grams of documents.

    `data`, `ends` and `folded` are as for `list_ngrams`; `lengths` (int64 [n]) are the lengths that `table` has n-grams
    of (uint64, sorted), the longest last. `bitmap` (uint64) has the bit `ngram >> shift` (uint64) of each, and
    `begins` (int32) says where those of each value of their highest bits begin. Unless `count_all`, the rest of a
    document is passed over after the first hit.

    Written, for each document: `first` (int64), the place in `table` of the first n-gram that was found, or NOTHING;
    `shared` (int64), the n-grams of the longest length that were found, or 1 for one of another length alone;
    `all_ngrams` (int64), the n-grams of the longest length, at least 1; `hits` (int64 [documents, 2]), where in `data`
    the first n-gram that was found ends, with the separator behind it, and its length in words.
    """
    powers = powers_of_factor(lengths)
    longest = lengths[lengths.size - 1]
    bucket_shift = np.uint64(64)
    buckets = begins.size
    while buckets > 1:
        buckets >>= 1
        bucket_shift -= _1
    ring = np.zeros(_RING, np.uint64)
    position = _0
    for document in range(ends.size):
        end = np.uint64(ends[document])
        ring[0] = _0
        prefix = _0
        number = 0
        first[document] = NOTHING
        count = 0
        while True:
            found, word, position = next_word(data, position, end, folded)
            if not found:
                break
            number += 1
            prefix = prefix * _FACTOR + word
            ring[number & _LAST] = prefix
            for i in range(lengths.size):
                length = lengths[i]
                if number < length:
                    break
                ngram = _ngram(prefix, ring[(number - length) & _LAST], powers[i], length)
                bit = ngram >> shift
                if (bitmap[bit >> _6] >> (bit & _63)) & _1:
                    place = begins[ngram >> bucket_shift]
                    while place < table.size and table[place] < ngram:
                        place += 1
                    if place < table.size and table[place] == ngram:
                        count += length == longest
                        if first[document] == NOTHING:
                            first[document] = place
                            hits[document, 0] = position
                            hits[document, 1] = length
            if first[document] != NOTHING and not count_all:
                position = end
                break
        position = end
        shared[document] = max(count, np.int64(first[document] != NOTHING))
        all_ngrams[document] = max(number - longest + 1, 1)


@numba.njit(cache=True, nogil=True)
def begin_passages(data, ends, folded, documents, hits, begins):
    """Write where in `data` the n-grams of some `documents` (int64 [found]) begin, with the separator before it.

    `hits` (int64 [found, 2]) are those of `find_ngrams`; `begins` is int64 [found].
    """
    behind = np.zeros(_RING, np.int64)  # the places behind the last words
    for i in range(documents.size):
        document = documents[i]
        position = np.uint64(ends[document - 1] if document > 0 else 0)
        end = np.uint64(hits[i, 0])
        number = 0
        behind[0] = position
        while True:
            found, _, position = next_word(data, position, end, folded)
            if not found:
                break
            number += 1
            behind[number & _LAST] = position
        begins[i] = behind[(number - hits[i, 1]) & _LAST]
