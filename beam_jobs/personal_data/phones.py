"""Telephone numbers, where their form or a word before them says that they are some."""

import re
from collections.abc import Iterator

from beam_jobs.personal_data.span import Span

_CANDIDATE = re.compile(
    r"(?<![^\W_])(?<![0-9][.,/+:()-])(?<![0-9][ \u00a0])(?<![/=#&_@])"  # not the end of something longer
    r"\+?\(?[0-9](?:(?:[ \u00a0-]|\)[ \u00a0]?|[ \u00a0]?\()?[0-9]){5,14}"
    r"(?![^\W_]|[.,/:+-][0-9]|[ \u00a0-][0-9]|_)"
)
_LONGEST_LABEL = 32
_LABEL = re.compile(
    r"(?<![^\W_])(?:tlf|telefon|telephone|telefax|telefaks|tel|tfn|puhelin|puh|mobil|mobiltelefon|mobile|mob|phone|fax|faks|"
    r"ring|sms)(?:nr|nummer)?\.?(?: nr\.?| på| til)?[ \u00a0]?:?[ \u00a0]?\(?\Z",
    re.IGNORECASE,
)
_NORDIC = re.compile(r"00[ \u00a0]?(?:4[567]|35[48]|29[89])")
_MOBILE = re.compile(r"[489][0-9]{2}[ \u00a0][0-9]{2}[ \u00a0][0-9]{3}")
_THOUSANDS = re.compile(r"\+?[0-9]{1,3}(?:[ \u00a0][0-9]{3})+")
_YEAR, _MONTH, _DAY = "(?:1[0-9]|20)[0-9]{2}", "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_DATES = re.compile(f"{_YEAR}-{_YEAR}|{_YEAR}[ -]{_MONTH}[ -]{_DAY}|{_DAY}[ -]{_MONTH}[ -]{_YEAR}")
_NO_DIGITS = re.compile(r"[^0-9]+")
_FEWEST_IN_THOUSANDS = 11  # digits: +48 123 456 789 is a number of Poland, +20 000 000 is none
_FEWEST, _FEWEST_WITH_COUNTRY, _MOST_OF_COUNTRY = 6, 9, 12


def find_phones(text: str) -> Iterator[Span]:
    """The places of telephone numbers, sorted. Digits may be parted by single spaces, hyphens and brackets, not by dots.

    - After a plus, or 00 and the code of a Nordic country: 9 to 15 digits.
    - As Norwegian mobile numbers are written: 912 34 567, beginning with 4, 8 or 9.
    - After a word such as tlf, telefon, mobil, phone, fax, ring: 6 to 12 digits. The word stays.

    Groups of three (20 000 000), years and dates are none, and neither is a part of a longer row of numbers. Eight digits
    without such a word or sign are left: they may be anything.
    """
    for match in _CANDIDATE.finditer(text):
        begin, end = _without_open_bracket(match[0])
        if _is_phone(match[0][begin:end], text, match.start() + begin):
            yield match.start() + begin, match.start() + end


def _without_open_bracket(written: str) -> Span:
    """Where the number is, if one of its brackets is not closed: in `(22 33 44 55`, or in `22 33 44 55 (2014`."""
    if written.count("(") == written.count(")"):
        return 0, len(written)
    if written.startswith("("):
        return 1, len(written)
    return 0, len(written[: written.rindex("(")].rstrip(" \u00a0")) if "(" in written else len(written)


def _is_phone(written: str, text: str, begin: int) -> bool:
    digits = len(_NO_DIGITS.sub("", written))
    if digits < _FEWEST:
        return False
    if _MOBILE.fullmatch(written):
        return True
    if _is_number(written, digits):
        return False
    if written.startswith("+") or _NORDIC.match(written):
        return digits >= _FEWEST_WITH_COUNTRY
    return digits <= _MOST_OF_COUNTRY and _LABEL.search(text, max(0, begin - _LONGEST_LABEL), begin) is not None


def _is_number(written: str, digits: int) -> bool:
    """Whether digits are written as a large number or as dates are."""
    if _DATES.fullmatch(written):
        return True
    return digits < _FEWEST_IN_THOUSANDS and _THOUSANDS.fullmatch(written) is not None
