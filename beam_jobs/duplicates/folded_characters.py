"""The table that folds characters for comparing documents: what is part of a word, in lower case."""

import functools
import unicodedata

import numpy as np

CODE_POINTS = 0x110000
ALONE = 1 << 30
"""A flag beside the folded code point: the character is a word of its own."""

SCRIPTS_WITHOUT_SPACES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FFF),  # radicals of Chinese characters
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3040, 0x30FF),  # kana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Chinese characters
    (0x4E00, 0x9FFF),
    (0xA9E0, 0xA9FF),  # Burmese
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),  # kana of half width
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)
_ASSIGNED = ((0, 0x3FFFF), (0xE0000, 0xE0FFF))  # no letter, digit or mark is outside of these planes
_FINAL_SIGMA, _SIGMA = 0x3C2, 0x3C3


@functools.cache
def folded_characters() -> np.ndarray:
    """What each code point becomes, uint32 [0x110000], read-only; made in about 0.1 s and then kept.

    0 for what separates words: all but letters, digits and marks (categories L, N and M). Otherwise its lower case,
    with ALONE for a character of a script that writes no spaces. A final sigma counts as a sigma, so that a text in
    capitals has the words of the text itself, and a capital I with a dot counts as an i.
    """
    codes = np.concatenate([np.arange(first, last + 1) for first, last in _ASSIGNED])
    names = "".join(map(unicodedata.category, map(chr, codes.tolist()))).encode()
    majors = np.frombuffer(names, np.uint8)[::2]
    in_words = codes[np.isin(majors, np.frombuffer(b"LNM", np.uint8))]
    folded = np.zeros(CODE_POINTS, np.uint32)
    folded[in_words] = [ord(chr(code).lower()[0]) for code in in_words.tolist()]
    folded[_FINAL_SIGMA] = _SIGMA
    for first, last in SCRIPTS_WITHOUT_SPACES:
        script = folded[first : last + 1]
        script[script > 0] |= ALONE
    folded.setflags(write=False)
    return folded
