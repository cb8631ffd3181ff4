"""The compiled parser behind `decode_batch.py`: the protocol buffer wire format, one pass over the bytes of a batch."""

import numba
import numpy as np

INT_COLUMNS = (
    "input_ids",
    "input_mask",
    "segment_ids",
    "masked_lm_positions",
    "masked_lm_ids",
    "next_sentence_labels",
    "segment_lengths",
)
COLUMNS = (*INT_COLUMNS, "masked_lm_weights", "word_starts")
FLOATS, BYTES = len(INT_COLUMNS), len(INT_COLUMNS) + 1
_NAMES = (*COLUMNS, "input_word_ids", "input_type_ids")
_NAME_COLUMNS = np.array([*range(len(COLUMNS)), 0, 2], np.int64)
_NAME_BYTES = np.frombuffer("".join(_NAMES).encode(), np.uint8)
_NAME_ENDS = np.cumsum([len(name) for name in _NAMES])

OK, MALFORMED, WRONG_KIND = 0, 1, 2
ABSENT = -1
"""In `counts`: the record has no such feature."""


@numba.njit(cache=True, nogil=True)
def decode_records(data, starts, ends, widths, ints, floats, strings, counts):
    """Parse the records `data[starts[i]:ends[i]]` into row i of the zeroed outputs, as many as those have rows.

    `widths` int64 [len(COLUMNS)] says how wide each column of `ints` (side by side), `floats` and `strings` is; values
    beyond are counted in `counts`, which comes filled with ABSENT, but not kept. Returns the row that ended it and OK,
    MALFORMED or WRONG_KIND (a feature holds another kind of values than an instance's).
    """
    for row in range(len(ints)):
        at, end = starts[row], ends[row]
        while at < end:
            number, kind, a, at = _field(data, at, end)
            if at < 0:
                return row, MALFORMED
            if number != 1 or kind != 2:
                continue
            entry, entries_end = a, at
            while entry < entries_end:
                number, kind, a, entry = _field(data, entry, entries_end)
                if entry < 0:
                    return row, MALFORMED
                if number == 1 and kind == 2:
                    status = _map_entry(data, a, entry, widths, ints[row], floats[row], strings[row], counts[row])
                    if status != OK:
                        return row, status
    return 0, OK


@numba.njit(cache=True, nogil=True)
def _map_entry(data, at, end, widths, ints, floats, strings, counts):
    name_start, name_end, value_start, value_end = 0, 0, 0, 0
    while at < end:
        number, kind, a, at = _field(data, at, end)
        if at < 0:
            return MALFORMED
        if kind == 2 and number == 1:
            name_start, name_end = a, at
        elif kind == 2 and number == 2:
            value_start, value_end = a, at
    column = _column(data, name_start, name_end)
    if column < 0:
        return OK
    begin = 0
    for before in range(min(column, FLOATS)):
        begin += widths[before]
    counts[column] = 0
    list_kind = 0
    at = value_start
    while at < value_end:
        number, kind, a, at = _field(data, at, value_end)
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
    if column < FLOATS:  # what an earlier feature of the same name has left
        ints[begin + min(counts[column], width) : begin + width] = 0
    elif column == FLOATS:
        floats[counts[column] :] = 0
    else:
        strings[counts[column] :] = 0
    return OK


@numba.njit(cache=True, nogil=True)
def _append_list(data, at, end, column, begin, list_kind, widths, ints, floats, strings, counts):
    right_kind = list_kind == (1 if column == BYTES else 2 if column == FLOATS else 3)
    width = widths[column]
    count = np.int64(counts[column])
    while at < end:
        number, kind, a, at = _field(data, at, end)
        if at < 0:
            return MALFORMED
        if number != 1:
            continue
        if not right_kind:
            if kind != 2 or a < at or list_kind == 1:  # an empty list has no kind
                return WRONG_KIND
        elif column < FLOATS and (kind == 2 or kind == 0):
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
        elif column == FLOATS and (kind == 2 or kind == 5):
            if (at - a) % 4:
                return MALFORMED
            if count + (at - a) // 4 <= width:
                floats[count : count + (at - a) // 4] = data[a:at].view(np.float32)
            count += (at - a) // 4
        elif column == BYTES and kind == 2:
            if count + at - a <= width:
                strings[count : count + at - a] = data[a:at]
            count += at - a
    counts[column] = count
    return OK


@numba.njit(cache=True, nogil=True)
def _column(data, start, end):
    begin = 0
    for name in range(len(_NAME_ENDS)):
        stop = _NAME_ENDS[name]
        if stop - begin == end - start:
            same = True
            for i in range(end - start):
                if data[start + i] != _NAME_BYTES[begin + i]:
                    same = False
                    break
            if same:
                return _NAME_COLUMNS[name]
        begin = stop
    return -1


@numba.njit(cache=True, nogil=True)
def _field(data, at, end):
    """(number, wire type, start, end) of the field at `at`; the end is -1 for a malformed one."""
    tag, at = _varint(data, at, end)
    if at < 0:
        return 0, 0, at, at
    number, kind = np.int64(tag >> np.uint64(3)), np.int64(tag & np.uint64(7))
    stop = at
    if kind == 0:
        _, stop = _varint(data, at, end)
    elif kind == 1:
        stop = at + 8
    elif kind == 5:
        stop = at + 4
    elif kind == 2:
        length, at = _varint(data, at, end)
        stop = -1 if at < 0 or length > np.uint64(end - at) else at + np.int64(length)
    else:
        stop = -1
    return number, kind, at, stop if stop <= end else -1


@numba.njit(cache=True, nogil=True)
def _varint(data, at, end):
    """(value, offset behind it); the offset is -1 for a number that is cut off or longer than 10 bytes."""
    value, shift = np.uint64(0), np.uint64(0)
    while at < end and shift < np.uint64(70):
        byte = data[at]
        at += 1
        value |= np.uint64(byte & np.uint8(0x7F)) << shift
        if byte < 128:
            return value, at
        shift += np.uint64(7)
    return np.uint64(0), -1
