"""The compiled parser behind `parse.py`: one pass over the bytes of a record, into the arrays of a batch."""

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


@numba.njit(cache=True, nogil=True)
def parse_records(
    data, starts, ends, rows, ids, mask, segments, positions, originals, labels, lengths, weights, bits, counts
):
    """Parse record i, `data[starts[i]:ends[i]]`, into row `rows[i]` of the zeroed columns; return (i, status) at the end.

    `counts` int32 [records, len(COLUMNS)], filled with ABSENT, gets how many values a record has in each column; those
    beyond the width of a column are counted, not kept. A record whose end is negative is passed over. The first record
    that cannot be parsed ends it, with MALFORMED or WRONG_KIND (a feature holds another kind of values).
    """
    for i in range(len(rows)):
        at, end, row = starts[i], ends[i], rows[i]
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
                if column == INPUT_IDS:
                    status = _feature(data, value, value_end, column, ids, row, weights, bits, counts, i)
                elif column == INPUT_MASK:
                    status = _feature(data, value, value_end, column, mask, row, weights, bits, counts, i)
                elif column == SEGMENT_IDS:
                    status = _feature(data, value, value_end, column, segments, row, weights, bits, counts, i)
                elif column == POSITIONS:
                    status = _feature(data, value, value_end, column, positions, row, weights, bits, counts, i)
                elif column == ORIGINALS:
                    status = _feature(data, value, value_end, column, originals, row, weights, bits, counts, i)
                elif column == LABELS:
                    status = _feature(data, value, value_end, column, labels, row, weights, bits, counts, i)
                else:
                    status = _feature(data, value, value_end, column, lengths, row, weights, bits, counts, i)
                if status != OK:
                    return i, status
    return len(rows), OK


@numba.njit(cache=True, nogil=True)
def _feature(data, at, end, column, target, row, weights, bits, counts, record):
    count = 0
    while at < end:
        number, kind, a, at = read_field(data, at, end)
        if at < 0:
            return MALFORMED
        if kind != 2 or number < 1 or number > 3:
            continue
        right_kind = number == (1 if column == STARTS else 2 if column == WEIGHTS else 3)
        list_end = at
        while a < list_end:
            inner, kind, value, a = read_field(data, a, list_end)
            if a < 0:
                return MALFORMED
            if inner != 1 or (kind == 2 and value == a and number != 1):
                continue
            if not right_kind:
                return WRONG_KIND
            if column == STARTS:
                for k in range(min(a - value, bits.shape[1] - count)):
                    bits[row, count + k] = data[value + k]
                count += a - value
            elif column == WEIGHTS:
                if (a - value) % 4:
                    return MALFORMED
                floats = (a - value) // 4
                for k in range(min(floats, weights.shape[1] - count)):
                    weights[row, count + k] = _uint32(data, value + 4 * k)
                count += floats
            else:
                count = _integers(data, value, a, target, row, count)
                if count < 0:
                    return MALFORMED
    counts[record, column] = count
    return OK


@numba.njit(cache=True, nogil=True)
def _integers(data, at, end, target, row, count):
    """Append varints to `target[row]` from place `count` on; the new count, or -1 for a number that is cut off."""
    width = target.shape[1]
    p, stop = np.uintp(at), np.uintp(end)  # unsigned: no look at every access whether it counts from the end
    if end - at == width and count == 0:  # perhaps all of one byte, as in masks and segments: a plain copy then
        high = np.uint8(0)
        for k in range(width):
            high |= data[p + np.uintp(k)]
        if high <= np.uint8(0x7F):
            for k in range(width):
                target[row, k] = data[p + np.uintp(k)]
            return width
    one, seven, low = np.uintp(1), np.uint32(7), np.uint32(0x7F)
    while p < stop:
        if count < width and p + np.uintp(3) <= stop:  # at most three bytes, without a branch
            first, second, third = np.uint32(data[p]), np.uint32(data[p + one]), np.uint32(data[p + np.uintp(2)])
            more = first >> seven
            and_more = more & (second >> seven)
            if not and_more & (third >> seven):
                target[row, count] = np.int32(
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
            target[row, count] = np.int32(
                min(value, np.uint64(0x7FFFFFFF))
            )  # negative ones become too large, not small
        count += 1
    return count


@numba.njit(cache=True, nogil=True, inline="always")
def _uint32(data, at):
    p = np.uintp(at)
    value = np.uint32(0)
    for k in range(4):
        value |= np.uint32(data[p + np.uintp(k)]) << np.uint32(8 * k)
    return value
