"""Numbers of persons in the population registers of Norway, Sweden, Denmark and Finland, by date and checksum.

- Norway, fødselsnummer: DDMMYYNNNKK with two check digits (Selmer 1964). A D-number adds 40 to the day. An H-number or a
  synthetic number of NAV adds 40 to the month, a synthetic one of the tax authority (Tenor) 80.
- Sweden, personnummer: YYMMDD-NNNC, with a plus from the age of 100 on, or YYYYMMDD-NNNC; the Luhn algorithm. A
  coordination number adds 60 to the day. What can be a date since 2000 and a time (20240131-1230) is left.
- Denmark, CPR-nummer: DDMMYY-NNNN, modulo 11. Numbers without a check digit, given since 2007, are not found.
- Finland, henkilötunnus: DDMMYY-NNNC with one of the signs of the centuries; the remainder modulo 31 as a character.
"""

import re
from collections.abc import Iterator
from itertools import cycle

from beam_jobs.personal_data.span import Span

_BEFORE = r"(?<![^\W_])(?<![0-9][.,/+:-])(?<![/=#&_])"  # not the end of a longer number, nor a part of an address
_BEHIND = r"(?![^\W_]|[.,/:+-][0-9]|_)"
_NORWEGIAN = re.compile(_BEFORE + r"[0-9]{6}[ \u00a0-]?[0-9]{5}" + _BEHIND)
_TEN_DIGITS = re.compile(_BEFORE + r"[0-9]{6}[-+][0-9]{4}" + _BEHIND)
_TWELVE_DIGITS = re.compile(_BEFORE + r"(?:1[89]|20(?![0-9]{6}-(?:[01][0-9]|2[0-3])[0-5]))[0-9]{6}-[0-9]{4}" + _BEHIND)
_FINNISH = re.compile(_BEFORE + r"[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y]" + _BEHIND)
_NO_DIGITS = re.compile(r"[^0-9]+")

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_WEIGHTS_1 = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_WEIGHTS_2 = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_DANISH_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_FINNISH_CHARACTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def find_national_ids(text: str) -> Iterator[Span]:
    """The places of numbers of the four countries, sorted."""
    found = [match.span() for match in _NORWEGIAN.finditer(text) if is_norwegian(_digits(match[0]))]
    found += [
        match.span()
        for match in _TEN_DIGITS.finditer(text)
        if is_swedish(_digits(match[0])) or ("-" in match[0] and is_danish(_digits(match[0])))
    ]
    found += [match.span() for match in _TWELVE_DIGITS.finditer(text) if is_swedish(_digits(match[0])[2:])]
    found += [match.span() for match in _FINNISH.finditer(text) if is_finnish(match[0])]
    end = 0
    for begin, behind in sorted(found):
        if begin >= end:
            end = behind
            yield begin, behind


def is_norwegian(digits: str) -> bool:
    """Whether eleven digits are a fødselsnummer, D-number, H-number or synthetic number."""
    day, month, year, individual = int(digits[:2]), int(digits[2:4]), int(digits[4:6]), int(digits[6:9])
    if day > 40:
        day -= 40
    if month > 40:
        month -= 80 if month > 80 else 40
    century = _norwegian_century(year, individual)
    return (
        century > 0
        and _is_date(day, month, century + year)
        and _weighted(digits[:10], _WEIGHTS_1) % 11 == 0
        and _weighted(digits, _WEIGHTS_2) % 11 == 0
    )


def is_swedish(digits: str) -> bool:
    """Whether ten digits are a personnummer or a coordination number."""
    day = int(digits[4:6])
    if not _is_date(day - 60 if day > 60 else day, int(digits[2:4])):
        return False
    doubled = (int(digit) * factor for digit, factor in zip(digits, cycle((2, 1)), strict=False))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def is_danish(digits: str) -> bool:
    """Whether ten digits are a CPR-nummer with a right check digit."""
    return _is_date(int(digits[:2]), int(digits[2:4])) and _weighted(digits, _DANISH_WEIGHTS) % 11 == 0


def is_finnish(number: str) -> bool:
    """Whether eleven characters, with the sign of the century in the seventh place, are a henkilötunnus."""
    if not _is_date(int(number[:2]), int(number[2:4])) or int(number[7:10]) < 2:
        return False
    return number[10] == _FINNISH_CHARACTERS[int(number[:6] + number[7:10]) % 31]


def _norwegian_century(year: int, individual: int) -> int:
    """The century that the three digits behind a date stand for; 0 if they are never given."""
    if individual < 500:
        return 1900
    if individual < 750 and year >= 54:
        return 1800
    if year < 40:
        return 2000
    return 1900 if individual >= 900 else 0


def _is_date(day: int, month: int, year: int = 0) -> bool:
    if not (1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]):
        return False
    return (month, day) != (2, 29) or year % 400 == 0 or (year % 4 == 0 and year % 100 != 0)


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def _digits(number: str) -> str:
    return _NO_DIGITS.sub("", number)
