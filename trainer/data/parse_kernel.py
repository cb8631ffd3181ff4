"""The compiled parser of `parse.py`. It makes one pass over the bytes of a record, into the arrays of a batch."""

from typing import NamedTuple

import numba
import numpy as np

from beam_jobs.records.example_wire import (
    INPUT_IDS,
    INPUT_MASK,
    LABELS,
    MALFORMED,
    OK,
    ORIGINALS,
    POSITIONS,
    SEGMENT_IDS,
    STARTS,
    WEIGHTS,
    WRONG_KIND,
    read_entry,
    read_field,
)


class ParsedInstances(NamedTuple):
    """Parsed records by row: int32, except `weights` (float32) and `starts` (uint8). Missing values are 0."""

    ids: np.ndarray  # [rows, sequence length]
    mask: np.ndarray  # as ids; like the next four, [rows, 0] for dynamic records
    segments: np.ndarray
    positions: np.ndarray  # [rows, predictions]
    originals: np.ndarray
    weights: np.ndarray
    labels: np.ndarray  # [rows, 1]
    lengths: np.ndarray  # [rows, 2]
    starts: np.ndarray  # [rows, bytes]; 0 bytes for classic records
    good: np.ndarray  # bool [rows]: false if there is no usable record
    counts: np.ndarray  # int32 [records, len(COLUMNS)], number of values, or ABSENT without such a feature


@numba.njit(cache=True, nogil=True)
def parse_records(data, starts, ends, rows, first, out):
    """Parse record i, `data[starts[i]:ends[i]]`, into row `rows[i]` of `out`, from record `first` on.

    `out` has zeros, and ABSENT in `counts`; `good` is not changed. Values beyond the width of a column are counted but
    not kept. A record whose end is negative is skipped. Returns (i, status): the first record that cannot be parsed,
    and MALFORMED or WRONG_KIND (a feature holds another kind of values); or the number of records, and OK.
    """
    weights = out.weights.view(np.uint32)
    for i in range(first, len(rows)):
        at, end, row = starts[i], ends[i], rows[i]
        floats, bits = weights[row], out.starts[row]
        while at < end:
            number, kind, a, at = read_field(data, at, end)
            if at < 0:
                return i, MALFORMED
            if number != 1 or kind != 2:
                continue
            entry, entries_end = a, at
            while entry < entries_end:
                column, value, value_end, entry = read_entry(data, entry, entries_end)
                if entry < 0:
                    return i, MALFORMED
                if column < 0:
                    continue
                status, count = _feature(data, value, value_end, column, _integers_of(out, column)[row], floats, bits)
                if status != OK:
                    return i, status
                out.counts[i, column] = count
    return len(rows), OK


@numba.njit(cache=True, nogil=True, inline="always")
def _integers_of(out, column):
    """The array for the values of an integer column. For the other two columns the result is not used."""
    if column == INPUT_IDS:
        return out.ids
    if column == INPUT_MASK:
        return out.mask
    if column == SEGMENT_IDS:
        return out.segments
    if column == POSITIONS:
        return out.positions
    if column == ORIGINALS:
        return out.originals
    if column == LABELS:
        return out.labels
    return out.lengths


@numba.njit(cache=True, nogil=True)
def _feature(data, at, end, column, integers, floats, bits):
    """Parse a Feature into the row of its column's kind. Returns the status and the number of values."""
    count = 0
    while at < end:
        number, kind, a, at = read_field(data, at, end)
        if at < 0:
            return MALFORMED, count
        if kind != 2 or number < 1 or number > 3:
            continue
        right_kind = number == (1 if column == STARTS else 2 if column == WEIGHTS else 3)
        list_end = at
        while a < list_end:
            inner, kind, value, a = read_field(data, a, list_end)
            if a < 0:
                return MALFORMED, count
            if inner != 1 or (kind == 2 and value == a and number != 1):
                continue
            if not right_kind:
                return WRONG_KIND, count
            if column == STARTS:
                for k in range(min(a - value, len(bits) - count)):
                    bits[count + k] = data[value + k]
                count += a - value
            elif column == WEIGHTS:
                if (a - value) % 4:
                    return MALFORMED, count
                for k in range(min((a - value) // 4, len(floats) - count)):
                    floats[count + k] = _uint32(data, value + 4 * k)
                count += (a - value) // 4
            else:
                count = _append_integers(data, value, a, integers, count)
                if count < 0:
                    return MALFORMED, count
    return OK, count


@numba.njit(cache=True, nogil=True)
def _append_integers(data, at, end, target, count):
    """Append varints to `target` from index `count` on. Returns the new count, or -1 if a number is cut off."""
    width = len(target)
    p, stop = np.uintp(at), np.uintp(end)  # unsigned, which saves numba's check for negative indices
    if end - at == width and count == 0:  # perhaps each has one byte, as in masks and segments: then a plain copy
        high = np.uint8(0)
        for k in range(width):
            high |= data[p + np.uintp(k)]
        if high <= np.uint8(0x7F):
            for k in range(width):
                target[k] = data[p + np.uintp(k)]
            return width
    one, seven, low = np.uintp(1), np.uint32(7), np.uint32(0x7F)
    while p < stop:
        if count < width and p + np.uintp(3) <= stop:  # at most three bytes, without a branch
            first, second, third = np.uint32(data[p]), np.uint32(data[p + one]), np.uint32(data[p + np.uintp(2)])
            more = first >> seven
            and_more = more & (second >> seven)
            if not and_more & (third >> seven):
                target[count] = np.int32(
                    (first & low) | (second & low) * more << seven | (third & low) * and_more << np.uint32(14)
                )
                p += one + np.uintp(more) + np.uintp(and_more)
                count += 1
                continue
        value, shift, byte = np.uint64(0), np.uint64(0), np.uint64(0x80)
        while byte > np.uint64(0x7F):
            if p >= stop or shift >= np.uint64(70):
                return -1
            byte = np.uint64(data[p])
            p += one
            value |= (byte & np.uint64(0x7F)) << shift
            shift += np.uint64(7)
        if count < width:
            target[count] = np.int32(min(value, np.uint64(0x7FFFFFFF)))  # a negative number becomes too large
        count += 1
    return count


@numba.njit(cache=True, nogil=True, inline="always")
def _uint32(data, at):
    p = np.uintp(at)
    value = np.uint32(0)
    for k in range(4):
        value |= np.uint32(data[p + np.uintp(k)]) << np.uint32(8 * k)
    return value
