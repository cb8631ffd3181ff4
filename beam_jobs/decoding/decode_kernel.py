"""The compiled parser of `decode_batch.py`. It makes one pass over the bytes of a batch, and keeps values as stored."""

import numba
import numpy as np

from beam_jobs.records.example_wire import COLUMNS, MALFORMED, OK, STARTS, WEIGHTS, WRONG_KIND, read_entry, read_field

INT_COLUMNS = COLUMNS[:WEIGHTS]


@numba.njit(cache=True, nogil=True)
def decode_records(data, starts, ends, widths, ints, floats, strings, counts):
    """Parse the records `data[starts[i]:ends[i]]` into row i of the zeroed outputs, as many as those have rows.

    `widths`, int64 [len(COLUMNS)], has the widths of the columns of `ints` (side by side), `floats` and `strings`.
    Values beyond the width are counted but not kept. `counts` must be filled with ABSENT before. Returns the row at
    which parsing ended, and OK, MALFORMED or WRONG_KIND (a feature holds another kind of values than it must).
    """
    for row in range(len(ints)):
        at, end = starts[row], ends[row]
        while at < end:
            number, kind, a, at = read_field(data, at, end)
            if at < 0:
                return row, MALFORMED
            if number != 1 or kind != 2:
                continue
            entry, entries_end = a, at
            while entry < entries_end:
                column, value, value_end, entry = read_entry(data, entry, entries_end)
                if entry < 0:
                    return row, MALFORMED
                if column < 0:
                    continue
                status = _feature(
                    data, value, value_end, column, widths, ints[row], floats[row], strings[row], counts[row]
                )
                if status != OK:
                    return row, status
    return 0, OK


@numba.njit(cache=True, nogil=True)
def _feature(data, at, end, column, widths, ints, floats, strings, counts):
    begin = 0
    for before in range(min(column, WEIGHTS)):
        begin += widths[before]
    counts[column] = 0
    list_kind = 0
    while at < end:
        number, kind, a, at = read_field(data, at, end)
        if at < 0:
            return MALFORMED
        if kind != 2 or number < 1 or number > 3:
            continue
        if number != list_kind:
            list_kind = number
            counts[column] = 0
        status = _append_list(data, a, at, column, begin, list_kind, widths, ints, floats, strings, counts)
        if status != OK:
            return status
    width = widths[column]
    if column < WEIGHTS:  # left by an earlier feature of the same name
        ints[begin + min(counts[column], width) : begin + width] = 0
    elif column == WEIGHTS:
        floats[counts[column] :] = 0
    else:
        strings[counts[column] :] = 0
    return OK


@numba.njit(cache=True, nogil=True)
def _append_list(data, at, end, column, begin, list_kind, widths, ints, floats, strings, counts):
    right_kind = list_kind == (1 if column == STARTS else 2 if column == WEIGHTS else 3)
    width = widths[column]
    count = np.int64(counts[column])
    while at < end:
        number, kind, a, at = read_field(data, at, end)
        if at < 0:
            return MALFORMED
        if number != 1:
            continue
        if not right_kind:
            if kind != 2 or a < at or list_kind == 1:  # an empty list has no kind
                return WRONG_KIND
        elif column < WEIGHTS and (kind == 2 or kind == 0):
            while a < at:
                byte = np.int64(data[a])
                a += 1
                value = byte & 0x7F
                shift = 7
                while byte >= 128:
                    if a >= at or shift >= 70:
                        return MALFORMED
                    byte = np.int64(data[a])
                    a += 1
                    value |= (byte & 0x7F) << shift
                    shift += 7
                if count < width:
                    ints[begin + count] = value
                count += 1
        elif column == WEIGHTS and (kind == 2 or kind == 5):
            if (at - a) % 4:
                return MALFORMED
            if count + (at - a) // 4 <= width:
                floats[count : count + (at - a) // 4] = data[a:at].view(np.float32)
            count += (at - a) // 4
        elif column == STARTS and kind == 2:
            if count + at - a <= width:
                strings[count : count + at - a] = data[a:at]
            count += at - a
    counts[column] = count
    return OK
