"""Decodes UTF-8, compiled: one character at a time, with invalid bytes counted as Unicode says."""

import numba
import numpy as np


@numba.njit(cache=True, inline="always")
def decode_character(data, position, end):
    """The code point at `position` and its length in bytes; or -1 and that of an invalid subpart (Unicode 3.9)."""
    lead = np.int64(data[position])
    if lead < 0x80:
        return lead, 1
    low = 0x80
    high = 0xBF
    if 0xC2 <= lead <= 0xDF:
        more = 1
        code_point = lead & 0x1F
    elif 0xE0 <= lead <= 0xEF:
        more = 2
        code_point = lead & 0x0F
        if lead == 0xE0:
            low = 0xA0
        elif lead == 0xED:
            high = 0x9F
    elif 0xF0 <= lead <= 0xF4:
        more = 3
        code_point = lead & 0x07
        if lead == 0xF0:
            low = 0x90
        elif lead == 0xF4:
            high = 0x8F
    else:
        return -1, 1
    for i in range(1, more + 1):
        if position + i >= end or data[position + i] < low or data[position + i] > high:
            return -1, i
        code_point = (code_point << 6) | np.int64(data[position + i] & 0x3F)
        low = 0x80
        high = 0xBF
    return code_point, more + 1
