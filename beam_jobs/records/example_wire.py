"""Finds the features of an instance record, a serialised `tf.train.Example`, in compiled code.

A record is `Example { Features features = 1 }`, `Features { map<string, Feature> feature = 1 }`; a map entry has the
name as field 1 and the Feature as field 2, which is one of `BytesList bytes_list = 1`, `FloatList float_list = 2`,
`Int64List int64_list = 3`, each with its values as field 1, packed or not (tensorflow/core/example/feature.proto).

The functions read `data` (uint8) from offset `at` up to, not including, `end`; offsets are int64. Each reader
handles the values in its own way: the trainer puts them into the arrays of a batch, and the jobs show and check them.
"""

import numba
import numpy as np

INPUT_IDS, INPUT_MASK, SEGMENT_IDS, POSITIONS, ORIGINALS, LABELS, LENGTHS, WEIGHTS, STARTS = range(9)
COLUMNS = (
    "input_ids",
    "input_mask",
    "segment_ids",
    "masked_lm_positions",
    "masked_lm_ids",
    "next_sentence_labels",
    "segment_lengths",
    "masked_lm_weights",
    "word_starts",
)
"""Features of static and dynamic records: those before WEIGHTS hold integers, WEIGHTS floats, STARTS bytes."""

_OTHER_NAMES = {"input_word_ids": INPUT_IDS, "input_type_ids": SEGMENT_IDS}  # of TF Model Garden
_NAMES = (*COLUMNS, *_OTHER_NAMES)
_COLUMN_OF = np.array([*range(len(COLUMNS)), *_OTHER_NAMES.values()], np.int64)
_LETTERS = np.frombuffer("".join(_NAMES).encode(), np.uint8)
_LETTERS_AT = np.concatenate(([0], np.cumsum([len(name) for name in _NAMES])))

OK, MALFORMED, WRONG_KIND = 0, 1, 2
"""The results of a reader. WRONG_KIND: a feature holds another kind of values than it must."""

ABSENT = -1
"""As a column: the feature is not one of an instance. As a number of values: the record lacks the feature."""


@numba.njit(cache=True, nogil=True)
def read_entry(data, at, end):
    """(column, start and end of its Feature, offset behind it) of the next map entry of Features.

    The column is ABSENT for an unknown name and for a field that is not a map entry. The offset is -1 if the entry is
    malformed.
    """
    number, kind, a, at = read_field(data, at, end)
    column, value, value_end = ABSENT, a, a
    if at < 0 or number != 1 or kind != 2:
        return column, value, value_end, at
    while a < at:
        number, kind, start, a = read_field(data, a, at)
        if a < 0:
            return ABSENT, value, value_end, a
        if kind == 2 and number == 1:
            column = _column(data, start, a)
        elif kind == 2 and number == 2:
            value, value_end = start, a
    return column, value, value_end, at


@numba.njit(cache=True, nogil=True)
def read_field(data, at, end):
    """(number, wire type, start, end) of the field at `at`. The end is -1 if the field is malformed."""
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
    """(value, offset behind it). The offset is -1 if the number is cut off or longer than 10 bytes."""
    if at < end and data[at] < 128:
        return np.uint64(data[at]), at + 1
    value, shift = np.uint64(0), np.uint64(0)
    while at < end and shift < np.uint64(70):
        byte = data[at]
        at += 1
        value |= np.uint64(byte & np.uint8(0x7F)) << shift
        if byte < 128:
            return value, at
        shift += np.uint64(7)
    return np.uint64(0), -1


@numba.njit(cache=True, nogil=True)
def _column(data, start, end):
    for name in range(len(_COLUMN_OF)):
        begin = _LETTERS_AT[name]
        if _LETTERS_AT[name + 1] - begin == end - start:
            same = True
            for i in range(end - start):
                if data[start + i] != _LETTERS[begin + i]:
                    same = False
                    break
            if same:
                return _COLUMN_OF[name]
    return ABSENT
