"""Unicode normalization forms in linear time for any text.

Canonical ordering (UAX 15) sorts each run of combining marks by combining class. The `unicodedata` of the supported
Python versions sorts by insertion, which takes quadratic time: 26 seconds for a run of 200 KB. So long runs are sorted
here first, and `unicodedata` does the rest.
"""

import re
import sys
import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np

_SHORT_RUN = 30  # marks; no run in a stream-safe text (UAX 15, section 13) is longer
_STRIDE = 15  # only every 15th character is tested; any longer run contains two of these in a row
_FIRST_MARK, _LAST_MARK = 0x300, 0x1FFFF  # no combining mark is outside of this range


def to_nfc(text: str) -> str:
    """`unicodedata.normalize("NFC", text)`: canonical decomposition, then composition."""
    return unicodedata.normalize("NFC", _order_long_runs(text))


def to_nfd(text: str) -> str:
    """`unicodedata.normalize("NFD", text)`: canonical decomposition."""
    return unicodedata.normalize("NFD", _order_long_runs(text))


def _order_long_runs(text: str) -> str:
    if text.isascii() or not _patterns().two_marks.search(text[::_STRIDE]):
        return text  # true of nearly every text, and quick to find out
    long_run = _patterns().long_run
    return _patterns().may_be_long_run.sub(lambda found: long_run.sub(_ordered, found[0]), text)


class _Patterns(NamedTuple):
    """Patterns of marks. A mark is a character that decomposes to combining marks only, nearly always to itself.

    The first two patterns take every character beyond U+FFFF for a mark, because a regular expression would test the
    many ranges there one by one, while it has a table for those below.
    """

    two_marks: re.Pattern[str]
    may_be_long_run: re.Pattern[str]
    long_run: re.Pattern[str]
    decomposed: tuple[tuple[str, str], ...]  # the marks that decompose to other characters, and these characters


@cache
def _patterns() -> _Patterns:
    spelt = {chr(code): unicodedata.normalize("NFD", chr(code)) for code in range(_FIRST_MARK, _LAST_MARK + 1)}
    marks = [mark for mark, parts in spelt.items() if unicodedata.combining(parts[0])]
    below = [mark for mark in marks if ord(mark) <= 0xFFFF]
    exactly, roughly = f"[{''.join(marks)}]", f"[{''.join(below)}\U00010000-\U0010ffff]"
    more = f"{{{_SHORT_RUN},}}+"  # follows a set alone, so that the search can skip ahead to it
    return _Patterns(
        re.compile(roughly * 2),
        re.compile(f"{roughly}{roughly}{more}"),
        re.compile(f"{exactly}{exactly}{more}"),
        tuple((mark, spelt[mark]) for mark in marks if spelt[mark] != mark),
    )


def _ordered(run: re.Match[str]) -> str:
    """The marks, decomposed and stably sorted by combining class. This takes about ten bytes of memory for each."""
    marks = run[0]
    for mark, parts in _patterns().decomposed:
        marks = marks.replace(mark, parts)
    encoding = f"utf-32-{sys.byteorder[0]}e"
    codes = np.frombuffer(marks.encode(encoding), np.uint32)
    class_of = np.zeros(_LAST_MARK + 1, np.uint8)
    for mark in set(marks):
        class_of[ord(mark)] = unicodedata.combining(mark)
    classes = class_of[codes]
    present = np.flatnonzero(np.bincount(classes))
    return "".join(codes[classes == number].tobytes().decode(encoding) for number in present)
