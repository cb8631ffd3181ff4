"""The words of a text one after the other, folded and hashed as in the keys of documents, for other kernels.

`key_documents` keeps a loop of its own over the same table: with this function it is a quarter slower.
"""

import numba
import numpy as np

from beam_jobs.duplicates.folded_characters import ALONE
from beam_jobs.duplicates.keys_kernel import mix
from beam_jobs.tokenizer.utf8_kernel import decode_character

_ALONE = np.uint32(ALONE)
_CODE_POINT = np.uint32(ALONE - 1)
_WORD_SEED, _WORD_FACTOR = np.uint64(0xCBF29CE484222325), np.uint64(0x9E3779B97F4A7C15)
_ONE = np.uint64(1)


@numba.njit(cache=True, nogil=True, inline="always")
def next_word(data, position, end, folded):
    """Whether a word begins at `position` or behind it, its 64-bit hash, and the position behind it.

    `data` is uint8, UTF-8; `position` and `end`, where the document ends, are uint64; `folded` is from
    `folded_characters`. Invalid bytes separate words. In scripts without spaces each character is a word.
    """
    word = _WORD_SEED
    found = False
    while position < end:
        byte = data[position]
        character = np.uint32(0)
        length = _ONE
        if byte < 0x80:
            character = folded[byte]
        else:
            code_point, size = decode_character(data, position, end)
            length = np.uint64(size)
            if code_point >= 0:
                character = folded[code_point]
        if character == 0:
            position += length
            if found:
                break
        elif (character & _ALONE) != 0:
            if not found:
                word = (word ^ np.uint64(character & _CODE_POINT)) * _WORD_FACTOR
                found = True
                position += length
            break
        else:
            word = (word ^ np.uint64(character)) * _WORD_FACTOR
            found = True
            position += length
    return found, mix(word), position
