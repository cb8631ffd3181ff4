"""International bank account numbers."""

import re
from collections.abc import Iterator

from beam_jobs.personal_data.span import Span

_COUNTRIES = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_LENGTHS = {country: length for length, countries in _COUNTRIES.items() for country in countries.split()}
_HEAD = re.compile(r"(?<![^\W_])[A-Z]{2}[0-9]{2}")
_NUMBER = {
    length: re.compile(rf"[A-Z]{{2}}[0-9]{{2}}(?:[ \u00a0]?[A-Z0-9]){{{length - 4}}}(?![^\W_])")
    for length in _COUNTRIES
}
_SPACES = str.maketrans("", "", " \u00a0")


def find_ibans(text: str) -> Iterator[Span]:
    """The places of numbers of a country's length whose check digits are right (ISO 13616: modulo 97 is 1).

    Letters are capitals. Single spaces may stand between the characters, as in print.
    """
    end = 0
    for head in _HEAD.finditer(text):
        length = _LENGTHS.get(head[0][:2])
        if length is None or head.start() < end:
            continue
        number = _NUMBER[length].match(text, head.start())
        if number and is_iban(number[0].translate(_SPACES)):
            end = number.end()
            yield number.span()


def is_iban(number: str) -> bool:
    """Whether `number`, capitals and digits without spaces, has the length of its country and the right check digits."""
    if _LENGTHS.get(number[:2]) != len(number):
        return False
    return int("".join(str(int(character, 36)) for character in number[4:] + number[:4])) % 97 == 1
