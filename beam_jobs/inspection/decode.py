"""Decodes one record of an instance shard to arrays, without TensorFlow.

The parser reads the protocol buffer wire format of `tf.train.Example` itself: lists may be packed or not, features may
have any order, unknown fields are skipped, and of a repeated feature the last one counts, as in every protocol buffer
map. The code is written for clarity, and tests compare the batch decoder (`decode_batch.py`) with it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

Feature = np.ndarray | list[bytes]

FEATURE_ALIASES = {"input_word_ids": "input_ids", "input_type_ids": "segment_ids"}
"""The names of TF Model Garden's `--use_v2_feature_names`, and the classic ones."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_BYTES_LIST, _FLOAT_LIST, _INT64_LIST = 1, 2, 3
_MAX_VARINT_BYTES = 10


class MalformedRecordError(ValueError):
    """The record is not a `tf.train.Example`, or not an instance. The message says why in a few words."""


@dataclass(frozen=True)
class Instance:
    """One pretraining instance as it is stored, classic (masked and padded) or dynamic (neither).

    Arrays are int64 and as long as stored. A dynamic instance has `word_starts` and no predictions; its `input_mask`
    and `segment_ids` are derived from `segment_lengths`. A missing optional feature is None.
    """

    input_ids: np.ndarray
    input_mask: np.ndarray
    segment_ids: np.ndarray
    masked_lm_positions: np.ndarray
    masked_lm_ids: np.ndarray
    masked_lm_weights: np.ndarray  # float32
    next_sentence_labels: np.ndarray | None
    segment_lengths: np.ndarray | None = None
    word_starts: np.ndarray | None = None  # uint8, the stored bytes

    @property
    def is_dynamic(self) -> bool:
        """Whether this is an unmasked instance, for masking on the fly."""
        return self.word_starts is not None

    @property
    def pieces(self) -> int:
        """The number of pieces, without padding."""
        return int(np.count_nonzero(self.input_mask))

    @property
    def predictions(self) -> int:
        """The number of pieces to predict."""
        return int(np.count_nonzero(self.masked_lm_weights))

    def original_ids(self) -> np.ndarray:
        """The pieces of the text, int64 [pieces]: `input_ids` with the original piece at every predicted position."""
        ids = self.input_ids[: self.pieces].copy()
        positions = self.masked_lm_positions[: self.predictions]
        there = (positions >= 0) & (positions < len(ids))
        ids[positions[there]] = self.masked_lm_ids[: self.predictions][there]
        return ids


def decode_instance(record: bytes) -> Instance:
    """The instance in a serialised `tf.train.Example`. Raises MalformedRecordError if there is none."""
    return instance_from_features(parse_example(record))


def instance_from_features(features: Mapping[str, Feature]) -> Instance:
    """The instance that a record's features make, by classic or Model Garden names.

    If `input_mask` is missing, ids other than 0 are pieces. If `segment_ids` is missing, everything is the first
    segment. If `masked_lm_weights` is missing, positions other than 0 are predictions. Raises MalformedRecordError if
    this is not an instance.
    """
    named = {FEATURE_ALIASES.get(name, name): feature for name, feature in features.items()}
    if "input_ids" not in named:
        raise MalformedRecordError(f"no input_ids among its features ({', '.join(sorted(features)) or 'none'})")
    if "word_starts" not in named and "masked_lm_positions" not in named:
        raise MalformedRecordError("neither masked_lm_positions nor word_starts among its features")
    ids = _integers(named, "input_ids")
    label = _integers(named, "next_sentence_labels") if "next_sentence_labels" in named else None
    if "word_starts" in named:
        lengths = _integers(named, "segment_lengths")
        empty = np.zeros(0, np.int64)
        return Instance(
            input_ids=ids,
            input_mask=np.ones_like(ids),
            segment_ids=(np.arange(len(ids)) >= (lengths[0] if len(lengths) else len(ids))).astype(np.int64),
            masked_lm_positions=empty,
            masked_lm_ids=empty,
            masked_lm_weights=np.zeros(0, np.float32),
            next_sentence_labels=label,
            segment_lengths=lengths,
            word_starts=_bytes(named, "word_starts"),
        )
    positions = _integers(named, "masked_lm_positions")
    return Instance(
        input_ids=ids,
        input_mask=_integers(named, "input_mask") if "input_mask" in named else (ids != 0).astype(np.int64),
        segment_ids=_integers(named, "segment_ids") if "segment_ids" in named else np.zeros_like(ids),
        masked_lm_positions=positions,
        masked_lm_ids=_integers(named, "masked_lm_ids"),
        masked_lm_weights=(
            _floats(named, "masked_lm_weights") if "masked_lm_weights" in named else (positions != 0).astype(np.float32)
        ),
        next_sentence_labels=label,
    )


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


def _integers(features: Mapping[str, Feature], name: str) -> np.ndarray:
    return _values(features, name, np.int64, "integers")


def _floats(features: Mapping[str, Feature], name: str) -> np.ndarray:
    return _values(features, name, np.float32, "floats")


def _bytes(features: Mapping[str, Feature], name: str) -> np.ndarray:
    feature = features[name]
    if isinstance(feature, np.ndarray) and len(feature):
        raise MalformedRecordError(f"{name} holds numbers, not bytes")
    return np.frombuffer(b"".join(feature), np.uint8)


def _values(features: Mapping[str, Feature], name: str, dtype: type, wanted: str) -> np.ndarray:
    """The numbers of a feature. A feature without values has no kind, and counts as empty."""
    feature = features.get(name)
    if feature is None:
        raise MalformedRecordError(f"no {name} among its features")
    if len(feature) == 0:
        return np.zeros(0, dtype)
    if isinstance(feature, list) or feature.dtype != dtype:
        held = "bytes" if isinstance(feature, list) else "integers" if feature.dtype == np.int64 else "floats"
        raise MalformedRecordError(f"{name} holds {held}, not {wanted}")
    return feature
