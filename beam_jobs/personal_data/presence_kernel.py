"""The compiled look at documents: which kinds of personal data their bytes leave possible, so that most are not searched."""

import numba
import numpy as np

EMAIL, NATIONAL_ID, IBAN, URL, PHONE = 1, 2, 4, 8, 16
_DIGITS_OF_ID, _DIGITS_OF_PHONE = 6, 6
_AT, _COLON, _SLASH, _DOT = 0x40, 0x3A, 0x2F, 0x2E
_TELLING = np.zeros(256, np.uint8)
_TELLING[[_AT, _SLASH, _DOT, *range(0x30, 0x3A)]] = 1
_TELLING.setflags(write=False)
_PARTING = np.zeros(256, np.uint8)  # the first byte between two digits of a telephone number
_PARTING[[*b" -()", 0xC2]] = 1  # 0xC2 begins a no-break space
_PARTING.setflags(write=False)


@numba.njit(cache=True, nogil=True)
def possible_kinds(data, ends, kinds):
    """Write what may be in each document to `kinds` (uint8 [documents]): the sum of the constants above.

    `data` is uint8, UTF-8; document i ends before byte `ends[i]` (int64), and i + 1 begins there. Possible are: an e-mail
    address where there is an `@`, a URL with `://` or `www.`, an IBAN with two capitals and two digits, a national id with
    six digits in a row, a telephone number with six digits parted by spaces, hyphens and brackets.
    """
    begin = np.int64(0)
    for document in range(ends.size):
        end = ends[document]
        found = 0
        last = begin - np.int64(9)  # the last digit
        row = loose = 0  # digits in a row, and with other characters between them
        for position in range(begin, end):
            byte = data[position]
            if _TELLING[byte] == 0:
                continue
            if byte <= _SLASH:
                if byte == _SLASH:
                    if position >= begin + 2 and data[position - 1] == _SLASH and data[position - 2] == _COLON:
                        found |= URL
                elif position >= begin + 3 and _is_www(data, position):
                    found |= URL
            elif byte == _AT:
                found |= EMAIL
            else:
                gap = position - last - 1
                row = row + 1 if gap == 0 else 1
                if gap > 3 or (gap > 0 and _PARTING[data[last + 1]] == 0):
                    loose = 1
                else:
                    loose += 1
                last = np.int64(position)
                if row == _DIGITS_OF_ID:
                    found |= NATIONAL_ID
                if loose == _DIGITS_OF_PHONE:
                    found |= PHONE
                if row == 2 and position >= begin + 3 and _are_capitals(data, position - 1):
                    found |= IBAN
        kinds[document] = found
        begin = end


@numba.njit(cache=True, nogil=True, inline="always")
def _is_www(data, end):
    return (data[end - 1] | 32) == 0x77 and (data[end - 2] | 32) == 0x77 and (data[end - 3] | 32) == 0x77


@numba.njit(cache=True, nogil=True, inline="always")
def _are_capitals(data, end):
    return 0x41 <= data[end - 1] <= 0x5A and 0x41 <= data[end - 2] <= 0x5A
