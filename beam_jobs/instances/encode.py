"""Encodes instances as TFRecord frames, in plain Python: `tf.train.Example` in the protocol buffer wire format.

`encode_kernel.py` is the compiled version. Tests compare the two byte by byte, and both with TensorFlow's parser.

A record is `Example { Features features = 1 }`, `Features { map<string, Feature> feature = 1 }`, where a map entry is a
message with the key as field 1 and the value as field 2, and `Feature` is one of `BytesList bytes_list = 1`, `FloatList
float_list = 2`, `Int64List int64_list = 3`, each with its values as field 1: integers as packed varints, floats packed,
little-endian (tensorflow/core/example/feature.proto). The order of a map is free. For better compression, what hardly
changes from record to record comes first, so that it is one long match, and the pieces come last.

A frame is the record's length (uint64), the masked CRC-32C of those 8 bytes, the record, and its masked CRC-32C.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from beam_jobs.records.crc32c import masked_crc32c

CLASSIC_ORDER = (
    "masked_lm_weights",
    "next_sentence_labels",
    "input_mask",
    "segment_ids",
    "masked_lm_positions",
    "masked_lm_ids",
    "input_ids",
)
DYNAMIC_ORDER = ("next_sentence_labels", "segment_lengths", "word_starts", "input_ids")

LENGTH_DELIMITED_1, LENGTH_DELIMITED_2 = 0x0A, 0x12
"""Tags of field 1 and field 2 whose value is a string, a message or a packed list."""

BYTES_LIST, FLOAT_LIST, INT64_LIST = 0x0A, 0x12, 0x1A
"""Tags of the three kinds of list in a Feature."""

Values = Sequence[int] | np.ndarray | bytes


def encode_example(features: Mapping[str, Values], order: Sequence[str]) -> bytes:
    """A serialised `tf.train.Example`: bytes as a list of one string, float arrays as floats, all else as integers."""
    return _field(LENGTH_DELIMITED_1, b"".join(encode_entry(name, features[name]) for name in order))


def encode_entry(name: str, values: Values) -> bytes:
    """One feature, as an entry of the map."""
    key, value = _field(LENGTH_DELIMITED_1, name.encode()), _field(LENGTH_DELIMITED_2, _feature(values))
    return _field(LENGTH_DELIMITED_1, key + value)


def frame_record(record: bytes) -> bytes:
    """The frame of a record in a TFRecord file."""
    length = len(record).to_bytes(8, "little")
    return length + _masked_crc32c(length) + record + _masked_crc32c(record)


def varint(value: int) -> bytes:
    """A varint: seven bits in each byte, the lowest first. The top bit says that another byte follows."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _field(tag: int, value: bytes) -> bytes:
    return bytes([tag]) + varint(len(value)) + value


def _feature(values: Values) -> bytes:
    if isinstance(values, bytes):
        return _field(BYTES_LIST, _field(LENGTH_DELIMITED_1, values))
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        return _field(FLOAT_LIST, _field(LENGTH_DELIMITED_1, values.astype("<f4").tobytes()))
    return _field(INT64_LIST, _field(LENGTH_DELIMITED_1, b"".join(varint(int(value)) for value in values)))


def _masked_crc32c(data: bytes) -> bytes:
    return int(masked_crc32c(np.frombuffer(data, np.uint8), 0, len(data))).to_bytes(4, "little")
