"""Mends words that a hyphen divides at the end of a line, or that were divided there before the lines were joined."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from beam_jobs.dehyphenation.word_counts import WordCounts

# A hyphen, or the sign that scanners write for one at the end of a line, between a letter and a space or a line end with a
# letter behind it.
_AT_LINE_END = re.compile(r"[-‐¬](?<=[^\W\d_].) ?\r?\n ?(?=[^\W\d_])")
_ANYWHERE = re.compile(r"[-‐¬](?<=[^\W\d_].)(?: ?\r?\n ?| )(?=[^\W\d_])")
_WORD = re.compile(r"[^\W\d_]{1,64}")
_LONGEST = 64  # characters of one part of a word
_HYPHENS = "-‐"
_NOT_SIGN = "¬"
_RARE = 20  # times: no word so rare is common, however small the corpus
_COMMON = 1e-3  # of all words: so common is what follows a shared part, as in "på- og avkledning", and no ending
_MUCH_MORE = 10_000  # times: so much more common is such a word than a mended word that only seems to be known
_PRODUCTIVE, _VERY_PRODUCTIVE = 3, 12  # hyphenated words: with more of them, the parts are those of such words
# fmt: off
_CONJUNCTIONS = frozenset((
    "og", "eller", "samt", "men", "til", "och", "und", "oder", "bzw", "sowie", "and", "or", "en", "of", "et", "ou", "y", "e", "i",
    "oraz", "lub", "ja", "tai", "sekä", "и", "или", "και", "ή", "ve", "veya", "eða",
))
# fmt: on
"""Before these, a hyphen belongs to a part that two words share, in any of the languages with rules."""

KEEP, JOIN, HYPHEN = 0, 1, 2
"""What becomes of a place: nothing; the parts become one word; or the hyphen stays, and only the space or line end goes."""


@dataclass(frozen=True)
class MendedTexts:
    """The texts, and in how many places words were joined, hyphens kept between joined parts, and nothing done."""

    texts: list[str]
    joined: int
    hyphenated: int
    kept: int


@dataclass(frozen=True, slots=True)
class _Place:
    text: int
    begin: int  # of the hyphen
    end: int  # where the second part begins
    left: str
    right: str
    at_line_end: bool  # also where the sign is one that stands nowhere else


class _Counts(NamedTuple):
    """How often the corpus has what a place can become, and its parts."""

    joined: int
    hyphenated: int
    left: int
    right: int
    first: int  # hyphenated words that begin with the first part
    last: int  # and that end with the second


def mend_texts(texts: Sequence[str], words: WordCounts, everywhere: bool) -> MendedTexts:
    """Mend the words that are divided at line ends, and if `everywhere`, also those with a hyphen and a space inside.

    The more frequent of both forms is taken: "oppmerksomhet" for "opp- merksomhet", "e-post" for "e- post". If
    the corpus has neither, a part that is no word belongs to the other, and at the end of a line the parts are joined. What
    stays are hyphens of parts that two words share ("på- og avkledning"), and hyphens before a capital.
    """
    places = [place for number, text in enumerate(texts) for place in _places(number, text, everywhere)]
    if not places:
        return MendedTexts(list(texts), 0, 0, 0)
    forms = [form for place in places for form in _forms(place)]
    counts = words.of(forms).reshape(len(places), -1).tolist()
    decisions = [decide(place, _Counts(*of_place), words.total) for place, of_place in zip(places, counts, strict=True)]
    mended = list(texts)
    parts: list[str] = []
    begin = 0
    for number, (place, decision) in enumerate(zip(places, decisions, strict=True)):
        text = texts[place.text]
        parts.append(text[begin : place.begin])
        parts.append({KEEP: text[place.begin : place.end], JOIN: "", HYPHEN: "-"}[decision])
        begin = place.end
        if number + 1 == len(places) or places[number + 1].text != place.text:
            mended[place.text] = "".join((*parts, text[begin:]))
            parts, begin = [], 0
    return MendedTexts(mended, decisions.count(JOIN), decisions.count(HYPHEN), decisions.count(KEEP))


def decide(place: _Place, counts: _Counts, total: int) -> int:
    """What becomes of a place, by the counts of its forms. `total` is the number of all words that were counted."""
    best = max(counts.joined, counts.hyphenated)
    if best and counts.right <= _MUCH_MORE * best:
        return JOIN if counts.joined >= counts.hyphenated else HYPHEN
    if place.right.lower() in _CONJUNCTIONS or (counts.left and counts.right > max(_COMMON * total, _RARE)):
        return KEEP
    capitals = place.left.isupper() and len(place.left) > 1
    if place.right[0].isupper() and not capitals:
        return KEEP
    if not place.at_line_end:
        fragment = not counts.left or not counts.right
        return JOIN if fragment and counts.first + counts.last <= _VERY_PRODUCTIVE else KEEP
    if capitals and not place.right.isupper():
        return HYPHEN  # "NRK-sjefen"
    if counts.left and counts.right and (place.left[0].isupper() or counts.first + counts.last > _PRODUCTIVE):
        return HYPHEN  # "Bergens-området", "norsk-litauisk"
    return JOIN


def _forms(place: _Place) -> tuple[str, ...]:
    """The words to be counted, in the order of `_Counts`."""
    left, right = place.left, place.right
    return left + right, f"{left}-{right}", left, right, f"{left.rpartition('-')[2]}-", f"-{right}"


def _places(number: int, text: str, everywhere: bool) -> list[_Place]:
    found = []
    for match in (_ANYWHERE if everywhere else _AT_LINE_END).finditer(text):
        begin = match.start()
        first = begin
        while first > 0 and begin - first < _LONGEST and (text[first - 1].isalpha() or text[first - 1] in _HYPHENS):
            first -= 1
        word = _WORD.match(text, match.end())
        assert word is not None  # the match ends before a letter
        left = text[first:begin].strip(_HYPHENS)
        if not left or (first > 0 and text[first - 1].isalnum()):
            continue  # part of a code, such as "b2b-", or longer than words are
        at_line_end = text[begin] == _NOT_SIGN or "\n" in match[0]
        found.append(_Place(number, begin, match.end(), left, word[0], at_line_end))
    return found
