"""BERT's rules for single characters: which are dropped, and which are words by themselves.

The rules are those of google-research/bert's BasicTokenizer. As there, the categories of characters come from the
`unicodedata` of the running Python. Tables of another Unicode version would differ in characters that were added or
changed.
"""

import unicodedata

CJK_BLOCKS = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)
"""First and last code points of the ideographs that google-research/bert separates. Later extensions are missing."""

ASCII_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
"""All symbols of ASCII, including those that Unicode does not call punctuation, such as $ and +."""


def is_dropped(character: str) -> bool:
    """Whether the character is dropped without separating words: controls, format characters, NUL and U+FFFD."""
    return (unicodedata.category(character) in ("Cc", "Cf") and character not in "\t\n\r") or character == "\ufffd"


def is_punctuation(character: str) -> bool:
    """Whether the character is punctuation, and so a word: all ASCII symbols, and the Unicode categories P*."""
    return character in ASCII_PUNCTUATION or unicodedata.category(character).startswith("P")


def is_ideograph(character: str) -> bool:
    """Whether the character is a CJK ideograph, and so a word. Kana and hangul are not."""
    return any(first <= ord(character) <= last for first, last in CJK_BLOCKS)


def stands_alone(character: str) -> bool:
    """Whether the character is always a word by itself, so that it never continues one."""
    return is_punctuation(character) or is_ideograph(character)
