"""The phrases that make a line suspect, of C4 (Raffel et al. 2020, section 2.2, and its code)."""

import functools

import numpy as np

JAVASCRIPT, LOREM_IPSUM, POLICY = 1, 2, 4
PHRASES = {
    "javascript": JAVASCRIPT,
    "lorem ipsum": LOREM_IPSUM,
    "terms of use": POLICY,
    "privacy policy": POLICY,
    "cookie policy": POLICY,
    "uses cookies": POLICY,
    "use of cookies": POLICY,
    "use cookies": POLICY,
}
"""Phrases in lower-case ASCII, and the flag of a line with one. No letter may stand before a phrase."""


@functools.cache
def phrase_table() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the compiled pass needs, read-only.

    The phrases, uint8 [phrases, longest + 1] padded with zeros; their flags, int64 [phrases]; and int64 [32], by the low
    five bits of a first letter, a bit for the low five of each letter that may be the second: a quick first test.
    """
    table = np.zeros((len(PHRASES), max(map(len, PHRASES)) + 1), np.uint8)
    second_letters = np.zeros(32, np.int64)
    for row, phrase in zip(table, PHRASES, strict=True):
        row[: len(phrase)] = list(phrase.encode())
        second_letters[row[0] & 31] |= 1 << int(row[1] & 31)
    flags = np.array(list(PHRASES.values()), np.int64)
    for array in (table, flags, second_letters):
        array.setflags(write=False)
    return table, flags, second_letters
