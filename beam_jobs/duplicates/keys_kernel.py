"""The compiled pass over documents: the words of each, its exact key, and its MinHash signature.

The words are hashed while they are read, and no list of them is kept: memory does not grow with a document.

numba makes the product of two uint32 a uint64. Each product of a lane is therefore cast back; without the cast every
minimum would be taken over numbers that are not permuted, and the estimate would be wrong.
"""

import numba
import numpy as np

from beam_jobs.duplicates.folded_characters import ALONE
from beam_jobs.tokenizer.utf8_kernel import decode_character

MOST_SHINGLE_WORDS = 16
_TOGETHER = 8  # shingles
_NOTHING, _IN_WORD, _LONE_CHARACTER = 0, 1, 2
_ALONE = np.uint32(ALONE)
_CODE_POINT = np.uint32(ALONE - 1)
_LANE_MAXIMUM = np.uint32(0xFFFFFFFF)
_WORD_SEED, _WORD_FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x9E3779B97F4A7C15)
_KEY_SEED_0, _KEY_SEED_1 = np.uint64(0x243F6A8885A308D3), np.uint64(0x13198A2E03707344)
_MIX_1, _MIX_2 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_ONE, _29, _32, _33 = np.uint64(1), np.uint64(29), np.uint64(32), np.uint64(33)


@numba.njit(cache=True, inline="always")
def mix(x):
    """The 64-bit finaliser of MurmurHash3 (Appleby): each bit of the input changes half of the output."""
    x = (x ^ (x >> _33)) * _MIX_1
    x = (x ^ (x >> _33)) * _MIX_2
    return x ^ (x >> _33)


@numba.njit(cache=True, nogil=True)
def key_documents(data, ends, folded, shingle_words, multipliers, increments, words, exact, signatures):
    """Key each document of `data` (uint8, UTF-8; document i ends before byte `ends[i]`, int64, and i + 1 begins there).

    `folded` is from `folded_characters`. Invalid bytes separate words. Written: `words` (int64 [documents]), their
    number; `exact` (uint64 [documents, 2]), zeros for a document without words; and unless it has no rows,
    `signatures` (uint32 [documents, lanes]), the minimum over all shingles x, 32-bit hashes of `shingle_words` words
    in a row, of `multipliers[lane] * x + increments[lane]` modulo 2**32. With odd multipliers these are permutations
    of all uint32 (Broder, "On the resemblance and containment of documents", 1997). A document of fewer words has one
    shingle: all its words. One without words has the maximum in all lanes.
    """
    recent = np.zeros(shingle_words, np.uint64)  # the last words
    shingles = np.empty(_TOGETHER, np.uint32)
    with_signatures = signatures.shape[0] > 0
    nowhere = np.empty(0, np.uint32)
    position = np.uint64(0)  # unsigned: numba then tests for no negative index
    for document in range(ends.size):
        end = np.uint64(ends[document])
        lanes = signatures[document] if with_signatures else nowhere
        lanes[:] = _LANE_MAXIMUM
        count = np.int64(0)
        waiting = 0  # shingles that no lane has seen
        slot = 0  # the place of the next word in `recent`
        key_0, key_1 = _KEY_SEED_0, _KEY_SEED_1
        word = _WORD_SEED
        state = _NOTHING
        while position < end or state != _NOTHING:
            character = np.uint32(0)  # behind the last character, as if a separator followed
            if position < end:
                byte = data[position]
                if byte < 0x80:
                    character = folded[byte]
                    position += _ONE
                else:
                    code_point, length = decode_character(data, position, end)
                    position += np.uint64(length)
                    if code_point >= 0:
                        character = folded[code_point]
            lone = (character & _ALONE) != 0
            if state == _IN_WORD and character != 0 and not lone:
                word = (word ^ np.uint64(character)) * _WORD_FACTOR
                continue
            if state != _NOTHING:
                word = mix(word)
                key_0 = (key_0 ^ word) * _MIX_1
                key_0 ^= key_0 >> _29
                key_1 = (key_1 + word) * _MIX_2
                key_1 ^= key_1 >> _32
                if with_signatures:
                    recent[slot] = word
                    slot += 1
                    if slot == shingle_words:
                        slot = 0
                    if count + 1 >= shingle_words:  # then the oldest word is in `slot`
                        shingles[waiting] = _shingle(recent, slot, shingle_words)
                        waiting += 1
                        if waiting == _TOGETHER:
                            _lower(lanes, shingles, multipliers, increments)
                            waiting = 0
                count += 1
                state = _NOTHING
            if character != 0:
                word = (_WORD_SEED ^ np.uint64(character & _CODE_POINT)) * _WORD_FACTOR
                state = _LONE_CHARACTER if lone else _IN_WORD
        words[document] = count
        exact[document, 0] = mix(key_0 ^ np.uint64(count)) if count else np.uint64(0)
        exact[document, 1] = mix(key_1 + np.uint64(count)) if count else np.uint64(0)
        if with_signatures and 0 < count < shingle_words:
            shingles[0] = _shingle(recent, 0, count)
            waiting = 1
        if waiting:
            shingles[waiting:] = shingles[0]  # once more changes no minimum
            _lower(lanes, shingles, multipliers, increments)


@numba.njit(cache=True, nogil=True, inline="always")
def _shingle(recent, at, size):
    """A 32-bit hash of `size` words in their order, of which the first is in place `at`."""
    value = np.uint64(size)
    for _ in range(size):
        value = value * _WORD_FACTOR + recent[at]
        at += 1
        if at == recent.size:
            at = 0
    return np.uint32(mix(value) >> _32)


@numba.njit(cache=True, nogil=True)
def _lower(lanes, shingles, multipliers, increments):
    """Take all `shingles` (uint32 [_TOGETHER]) into the minima, so that a lane is read and written once for them."""
    s0, s1, s2, s3 = shingles[0], shingles[1], shingles[2], shingles[3]
    s4, s5, s6, s7 = shingles[4], shingles[5], shingles[6], shingles[7]
    for lane in range(lanes.size):
        factor, increment = multipliers[lane], increments[lane]
        a = min(_permuted(factor, s0, increment), _permuted(factor, s1, increment))
        b = min(_permuted(factor, s2, increment), _permuted(factor, s3, increment))
        c = min(_permuted(factor, s4, increment), _permuted(factor, s5, increment))
        d = min(_permuted(factor, s6, increment), _permuted(factor, s7, increment))
        lanes[lane] = min(lanes[lane], min(min(a, b), min(c, d)))


@numba.njit(cache=True, nogil=True, inline="always")
def _permuted(factor, shingle, increment):
    return np.uint32(np.uint32(factor * shingle) + increment)
