"""Parses one serialised `tf.train.Example`, without TensorFlow.

The parser reads the protocol buffer wire format itself: lists may be packed or not, features may have any order, unknown
fields are skipped, and of a repeated feature the last one counts, as in every protocol buffer map. The code is written
for clarity.
"""

from collections.abc import Iterator

import numpy as np

Feature = np.ndarray | list[bytes]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_BYTES_LIST, _FLOAT_LIST, _INT64_LIST = 1, 2, 3
_MAX_VARINT_BYTES = 10


class MalformedRecordError(ValueError):
    """The record is not a `tf.train.Example`, or not an instance. The message says why in a few words."""


def parse_example(record: bytes) -> dict[str, Feature]:
    """The features of a serialised `tf.train.Example`: int64 or float32 arrays, or lists of bytes.

    A feature without values is an empty list. Raises MalformedRecordError if the bytes are not such a message.
    """
    features: dict[str, Feature] = {}
    for number, kind, start, end in _fields(record, 0, len(record)):
        if (number, kind) != (1, _BYTES):
            continue
        for entry_number, entry_kind, entry_start, entry_end in _fields(record, start, end):
            if (entry_number, entry_kind) == (1, _BYTES):
                name, feature = _map_entry(record, entry_start, entry_end)
                features[name] = feature
    return features


def _map_entry(data: bytes, start: int, end: int) -> tuple[str, Feature]:
    name, value = b"", (0, 0)
    for number, kind, body_start, body_end in _fields(data, start, end):
        if (number, kind) == (1, _BYTES):
            name = data[body_start:body_end]
        elif (number, kind) == (2, _BYTES):
            value = (body_start, body_end)
    return name.decode("utf-8", "replace"), _feature(data, *value)


def _feature(data: bytes, start: int, end: int) -> Feature:
    list_kind = 0
    lists: list[tuple[int, int]] = []
    for number, kind, body_start, body_end in _fields(data, start, end):
        if kind == _BYTES and number in (_BYTES_LIST, _FLOAT_LIST, _INT64_LIST):
            if number != list_kind:  # a oneof: a list of another kind replaces the one before
                list_kind, lists = number, []
            lists.append((body_start, body_end))
    if list_kind == _INT64_LIST:
        return np.concatenate([np.zeros(0, np.int64), *(_int64_list(data, *at) for at in lists)])
    if list_kind == _FLOAT_LIST:
        return np.concatenate([np.zeros(0, np.float32), *(_float_list(data, *at) for at in lists)])
    values = [_fields(data, *at) for at in lists]
    return [data[a:b] for fields in values for number, kind, a, b in fields if (number, kind) == (1, _BYTES)]


def _int64_list(data: bytes, start: int, end: int) -> np.ndarray:
    parts = [
        _varints(data[a:b])
        for number, kind, a, b in _fields(data, start, end)
        if number == 1 and kind in (_VARINT, _BYTES)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _float_list(data: bytes, start: int, end: int) -> np.ndarray:
    found = _fields(data, start, end)
    values = b"".join(data[a:b] for number, kind, a, b in found if number == 1 and kind in (_FIXED32, _BYTES))
    if len(values) % 4:
        raise MalformedRecordError("a list of floats is cut off")
    return np.frombuffer(values, "<f4").astype(np.float32)


def _varints(packed: bytes) -> np.ndarray:
    """The varints in a packed list.

    A varint has 7 bits a byte, the lowest first, and the top bit on all but the last.
    """
    data = np.frombuffer(packed, np.uint8)
    last = data < 0x80
    if last.all():
        return data.astype(np.int64)
    if not last[-1]:
        raise MalformedRecordError("a list of integers is cut off")
    starts = np.concatenate(([0], np.flatnonzero(last)[:-1] + 1))
    lengths = np.diff(starts, append=len(data))
    if lengths.max() > _MAX_VARINT_BYTES:
        raise MalformedRecordError("an integer has too many bytes")
    place = np.arange(len(data)) - np.repeat(starts, lengths)
    parts = (data & 0x7F).astype(np.uint64) << (7 * place).astype(np.uint64)
    return np.bitwise_or.reduceat(parts, starts).view(np.int64)


def _fields(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """(number, wire type, start, end) of the fields of a message; start and end enclose the value, without its length."""
    while at < end:
        tag, at = _varint(data, at, end)
        kind = tag & 7
        stop = at
        if kind == _VARINT:
            stop = _varint(data, at, end)[1]
        elif kind == _FIXED64:
            stop = at + 8
        elif kind == _FIXED32:
            stop = at + 4
        elif kind == _BYTES:
            length, at = _varint(data, at, end)
            stop = at + length
        else:
            raise MalformedRecordError("no tf.train.Example: an unknown wire type")
        if stop > end:
            raise MalformedRecordError("no tf.train.Example: a field is longer than the record")
        yield tag >> 3, kind, at, stop
        at = stop


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 7 * _MAX_VARINT_BYTES, 7):
        if at >= end:
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
    raise MalformedRecordError("no tf.train.Example: a number is cut off")
