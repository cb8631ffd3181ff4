"""What each character counts as: a table of flags."""

import functools
import unicodedata

import numpy as np

from beam_jobs.duplicates.folded_characters import CODE_POINTS, SCRIPTS_WITHOUT_SPACES
from beam_jobs.quality.phrases import PHRASES
from beam_jobs.text.stops import ALL_STOPS

LETTER, DIGIT, MARK, SPACE = 1, 2, 4, 8
STOP = 16
"""Ends a sentence."""
QUOTE = 32
"""A quotation mark that may stand behind a stop."""
LONE = 64
"""A letter, digit or mark of a script that writes no spaces: a word of its own."""
COUNTED = 128
"""Has a counter of its own, or is part of what has one."""
PHRASE = 256
"""May begin a phrase of `phrases.py`."""
BULLET = 512

CLOSING_QUOTES = "\"'”’“‘»›«‹」』"  # German closes with “, Danish with «
BULLETS = "•-"
_COUNTED = "#{}.…\ufffd"


@functools.cache
def character_classes() -> np.ndarray:
    """The flags of each code point, uint16 [0x110000], read-only; made in about 0.3 s and then kept."""
    names = "".join(map(unicodedata.category, map(chr, range(CODE_POINTS)))).encode()
    majors = np.frombuffer(names, np.uint8)[::2]
    classes = np.zeros(CODE_POINTS, np.uint16)
    for major, flag in (("L", LETTER), ("N", DIGIT), ("M", MARK)):
        classes[majors == ord(major)] = flag
    for first, last in SCRIPTS_WITHOUT_SPACES:
        script = classes[first : last + 1]
        script[script > 0] |= LONE
    spaces = [code for code in np.flatnonzero(classes == 0).tolist() if chr(code).isspace()]
    classes[spaces] |= SPACE
    phrase_starts = "".join(phrase[0] + phrase[0].upper() for phrase in PHRASES)
    marked = (ALL_STOPS, STOP), (CLOSING_QUOTES, QUOTE), (_COUNTED, COUNTED), (phrase_starts, PHRASE), (BULLETS, BULLET)
    for characters, flag in marked:
        classes[sorted(set(map(ord, characters)))] |= flag
    classes.setflags(write=False)
    return classes
