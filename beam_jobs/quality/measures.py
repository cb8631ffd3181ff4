"""What the rules measure: functions of counters, int64 [..., columns] to float64 [...].

A share of nothing is 0. A measure that cannot judge a document gives a number that no threshold drops.
"""

from collections.abc import Callable

import numpy as np

from beam_jobs.quality.counters import COLUMN

_CONFIDENCE_UNITS = 1_000_000  # the column is in millionths


def count(name: str) -> Callable[[np.ndarray], np.ndarray]:
    """The measure that is a column."""
    return lambda rows: _column(rows, name)


def ratio(part: str, whole: str) -> Callable[[np.ndarray], np.ndarray]:
    """The measure that is one column divided by another."""
    return lambda rows: _divided(_column(rows, part), _column(rows, whole))


def letter_share(rows: np.ndarray) -> np.ndarray:
    """The share of letters and their marks in the characters."""
    return _divided(_column(rows, "letters") + _column(rows, "marks"), _column(rows, "characters"))


def code_lines(rows: np.ndarray) -> np.ndarray:
    """The lines that name JavaScript, in a document with braces."""
    return np.where(_column(rows, "braces") > 0, _column(rows, "javascript_lines"), 0.0)


def mean_word(rows: np.ndarray) -> np.ndarray:
    """The characters of a word on average, words of signs left out; infinite where words are not separated."""
    return np.where(_without_spaces(rows), np.inf, mean_word_or_0(rows))


def mean_word_or_0(rows: np.ndarray) -> np.ndarray:
    """The same, but finite where words are not separated."""
    return _divided(_column(rows, "text_word_characters"), _column(rows, "text_words"))


def alphabetic_share(rows: np.ndarray) -> np.ndarray:
    """The share of words with a letter; 1 where words are not separated."""
    return np.where(_without_spaces(rows), 1.0, _divided(_column(rows, "alphabetic_words"), _column(rows, "words")))


def stop_words(rows: np.ndarray) -> np.ndarray:
    """The different stop words; infinite where none are known for the language."""
    known = _column(rows, "stop_words")
    return np.where(known < 0, np.inf, known)


def repeated_line_share_without_newlines(rows: np.ndarray) -> np.ndarray:
    """The share of repeated lines in the characters that are no newlines."""
    return _divided(_column(rows, "repeated_line_characters"), _column(rows, "characters") - _column(rows, "newlines"))


def confidence(rows: np.ndarray) -> np.ndarray:
    """The confidence of optical character recognition, from 0 to 1; infinite where it is not known."""
    known = _column(rows, "confidence")
    return np.where(known < 0, np.inf, known / _CONFIDENCE_UNITS)


def _column(rows: np.ndarray, name: str) -> np.ndarray:
    return rows[..., COLUMN[name]].astype(np.float64)


def _divided(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return part / np.maximum(whole, 1)


def _without_spaces(rows: np.ndarray) -> np.ndarray:
    return 2 * _column(rows, "lone_characters") > _column(rows, "letters") + _column(rows, "marks")
