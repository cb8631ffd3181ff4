"""What the compiled search for sentence ends (places_kernel.py) knows of characters and listed words.

It knows the characters below U+0600, with the Latin, Greek, Cyrillic and Armenian letters. A place whose candidate
depends on others, or on a letter whose upper and lower case are no simple pair, is left to the regular expression.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from beam_jobs.text import places_kernel as kernel
from beam_jobs.text.candidates import (
    CAPITAL,
    CLOSERS,
    DASHES,
    VOWELS,
    Candidates,
    candidates,
    long_abbreviations,
    long_word_length,
)
from beam_jobs.text.languages import LanguageRules

KNOWN = [chr(code) for code in range(0x600)]
_OTHER_CLOSERS = " '’[:;="  # what else may stand behind the stops of a candidate (candidates.py)
_LETTER, _NO_LETTER, _WORD = re.compile(r"[^\W\d_]"), re.compile(r"[\W\d_]"), re.compile(r"\w")
_CAPITAL = re.compile(f"[{CAPITAL}]")


class PlaceTables(NamedTuple):
    """The tables of a language. A filter holds True at the slot of each of its words, and at a few others by chance."""

    characters: np.ndarray  # uint16 [65536]: what is known of a character, and what may begin there
    lower: np.ndarray  # uint16 [len(KNOWN)]: the lower case of a simple letter
    long_word: int  # letters of a word that is too long for an abbreviation
    long_endings: np.ndarray  # bool [FILTER_SIZE]: the last `long_word` letters of long abbreviations, read backwards
    listed: np.ndarray  # bool [FILTER_SIZE]: abbreviations in lower case, read backwards
    labels: np.ndarray  # bool [FILTER_SIZE]: words before a colon that ends no sentence, read backwards
    unstopped: np.ndarray  # bool [FILTER_SIZE]: the words that open a sentence without a stop before them


@lru_cache(maxsize=64)
def place_tables(rules: LanguageRules) -> PlaceTables:
    """The tables of a language, for text that has capitals but no stops beyond U+FFFF."""
    found = candidates(rules, True, False)
    characters = np.zeros(1 << 16, np.uint16)
    for first, begins in _beginnings(found, rules).items():
        characters[ord(first)] = begins << kernel.BEGINS_SHIFT
    characters[: len(KNOWN)] |= np.array([_traits(one, found, rules) for one in KNOWN], np.uint16)
    length = long_word_length(rules)
    return PlaceTables(
        characters,
        np.array([ord(one.lower()) if is_simple(one) else 0 for one in KNOWN], np.uint16),
        length,
        _filter(word[: -length - 1 : -1] for word in long_abbreviations(rules)),
        _filter(word[::-1] for word in rules.listed),
        _filter(word[::-1] for word in rules.labels),
        _filter(_NO_LETTER.split(word[0].upper() + word[1:])[0] for word in rules.unmistakable),
    )


def is_simple(character: str) -> bool:
    """Whether a known character is a letter that `re.IGNORECASE` takes for no known letter but its upper or lower case.

    Those other than such pairs are never simple: "ſ" and "ı", which match "s" and "i", and the "ς" beside "σ".
    """
    lower, upper = character.lower(), character.upper()
    if not _LETTER.fullmatch(character) or len(lower) > 1:
        return False
    if character == lower:
        return len(upper) > 1 or upper.lower() == character
    return lower.upper() == character


def _beginnings(found: Candidates, rules: LanguageRules) -> dict[str, int]:
    """What may begin at each of the characters that the pattern looks for, and at the end of a line."""
    begins = dict.fromkeys(found.first, kernel.OTHER)
    if not rules.final_endings:  # a verb ending may begin with any of them
        begins |= {".": kernel.FULL_STOP, "?": kernel.EXCLAMATION, "!": kernel.EXCLAMATION}
        begins |= {one: kernel.COLON for one in ":;" if one not in found.stops}
        begins |= dict.fromkeys(rules.clause_stops, kernel.CLAUSE_STOP)
        begins |= dict.fromkeys(found.initials, kernel.INITIAL)
        begins |= {dash: kernel.DASH * rules.dialogue_dash for dash in DASHES if dash in found.initials}
    return begins | {"\n": kernel.LINE_END}


def _traits(character: str, found: Candidates, rules: LanguageRules) -> int:
    letter, capital = bool(_LETTER.fullmatch(character)), bool(_CAPITAL.fullmatch(character))
    traits = {
        kernel.KNOWN: True,
        kernel.LETTER: letter,
        kernel.SIMPLE: is_simple(character),
        kernel.LOWER: character.islower(),
        kernel.UPPER: character.isupper(),
        kernel.VOWEL: character in VOWELS,
        kernel.CAPITAL_LETTER: capital,
        kernel.AFTER_LONG_WORD: capital if rules.word_ordinals else letter,
        kernel.BEFORE_UNSTOPPED: character in ")»%" or bool(_WORD.fullmatch(character)),
        kernel.SIGN: not character.isalnum() and character not in found.stops,
        kernel.OPENING: character in '«"(',
        kernel.NO_CLOSER: character not in found.stops + CLOSERS + _OTHER_CLOSERS,
    }
    return sum(bit for bit, holds in traits.items() if holds)


def _filter(words: Iterable[str]) -> np.ndarray:
    slots = np.zeros(kernel.FILTER_SIZE, np.bool_)
    for word in words:
        key = 0
        for character in word:
            key = kernel.mix.py_func(key, ord(character))
        slots[kernel.filter_slot.py_func(key)] = True
    return slots
