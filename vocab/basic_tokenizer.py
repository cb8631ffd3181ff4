"""Splits text into words as BERT does, before the words are divided into pieces.

The rules are those of google-research/bert's BasicTokenizer. Control and format characters are dropped. White space,
punctuation and CJK ideographs separate words; each punctuation character and ideograph is a word too. Lower-casing
models lower-case the text and strip its accents (which turns å into a). `characters.py` classifies the characters.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from vocab.characters import CJK_BLOCKS, is_dropped, is_punctuation
from vocab.unicode_forms import to_nfd


def split_words(text: str, lower_case: bool) -> list[str]:
    """The words of a text, in order."""
    return space_words(text, lower_case).split()


def space_words(text: str, lower_case: bool) -> str:
    """The words of the text, separated by white space. Newlines stay where they are."""
    patterns = _patterns()
    text = patterns.ideograph.sub(r" \g<0> ", patterns.dropped.sub("", text))
    if lower_case:  # lower-casing and decomposing do not look across white space, so the whole text goes at once
        text = patterns.accents.sub("", to_nfd(text.lower()))
    return patterns.punctuation.sub(r" \g<0> ", text)


class _Patterns(NamedTuple):
    dropped: re.Pattern[str]
    ideograph: re.Pattern[str]
    accents: re.Pattern[str]  # combining marks (Mn)
    punctuation: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    characters = [chr(code) for code in range(sys.maxunicode + 1)]
    return _Patterns(
        re.compile(f"[{_class_of(filter(is_dropped, characters))}]+"),
        re.compile(f"[{_class_of(chr(c) for first, last in CJK_BLOCKS for c in range(first, last + 1))}]"),
        re.compile(f"[{_class_of(c for c in characters if unicodedata.category(c) == 'Mn')}]+"),
        re.compile(f"[{_class_of(filter(is_punctuation, characters))}]"),
    )


def _class_of(characters: Iterable[str]) -> str:
    """The characters as the inside of a character class of a regular expression."""
    ranges: list[list[int]] = []
    for code in sorted(map(ord, characters)):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
