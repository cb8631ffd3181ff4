"""Encodes instances, compiled. `encode.py` documents the format, and a test compares the two byte by byte.

All sizes are computed first, so a record is written once, from front to back. The features that have the same size in
every record come first: a template of zeros is copied, and the ones are filled in.
"""

import numba
import numpy as np

from beam_jobs.instances.encode import (
    BYTES_LIST,
    CLASSIC_ORDER,
    INT64_LIST,
    LENGTH_DELIMITED_1,
    LENGTH_DELIMITED_2,
    encode_entry,
)
from beam_jobs.instances.varint_kernel import MAX_VARINT, encode_varints, write_varints
from beam_jobs.records.crc32c import masked_crc32c
from beam_jobs.records.tfrecord_frames import FRAME_FOOTER, FRAME_HEADER

_FIXED_SIZE = CLASSIC_ORDER[:4]  # the features in the template
_SPARE = 2  # bytes behind the frame; it decides how records are divided into batches, and so the compressed bytes


def _key(name: str) -> np.ndarray:
    return np.frombuffer(name.encode(), np.uint8)


_LABELS, _LENGTHS, _STARTS = _key("next_sentence_labels"), _key("segment_lengths"), _key("word_starts")
_POSITIONS, _ORIGINALS, _INPUT_IDS = (_key(name) for name in CLASSIC_ORDER[4:])


def classic_template(max_seq_length: int, max_predictions: int) -> tuple[np.ndarray, np.ndarray]:
    """The entries of the features of fixed size, with values 0 (uint8), and where the values begin (int64 [4])."""
    template, values_at = encode_entry(_FIXED_SIZE[0], np.zeros(max_predictions, np.float32)), []
    values_at.append(len(template) - 4 * max_predictions)
    for name, count in zip(_FIXED_SIZE[1:], (1, max_seq_length, max_seq_length), strict=True):
        template += encode_entry(name, [0] * count)
        values_at.append(len(template) - count)
    return np.frombuffer(template, np.uint8).copy(), np.array(values_at, np.int64)


def max_framed_size(max_seq_length: int, max_predictions: int) -> int:
    """The bytes that must be free in the buffer for one record of either kind, with its frame."""
    names = sum(len(name) + 16 for name in CLASSIC_ORDER)
    values = (2 + MAX_VARINT) * max_seq_length + (4 + 2 * MAX_VARINT) * max_predictions + 16
    return FRAME_HEADER + FRAME_FOOTER + names + values + _SPARE


@numba.njit(cache=True)
def write_classic(
    out: np.ndarray,
    at: int,
    template: np.ndarray,
    values_at: np.ndarray,
    pieces: np.ndarray,
    max_seq_length: int,
    length: int,
    b_at: int,
    label: int,
    positions: np.ndarray,
    originals: np.ndarray,
    max_predictions: int,
    predictions: int,
    varints: np.ndarray,
) -> int:
    """Write the seven classic features as one frame to `out` (uint8) at `at`. Returns where the frame ends.

    `pieces` (int32 [at least length]), whose second segment begins at `b_at`, are padded with 0 to `max_seq_length`;
    `positions` and `originals` (int32 [at least predictions]) are padded with 0 to `max_predictions`. `varints` (uint32
    [max_seq_length + 2 * max_predictions]) is scratch memory.
    """
    originals_at, pieces_at = max_predictions, 2 * max_predictions  # in `varints`
    positions_size = encode_varints(positions, predictions, varints, 0) + max_predictions - predictions
    originals_size = encode_varints(originals, predictions, varints, originals_at) + max_predictions - predictions
    pieces_size = encode_varints(pieces, length, varints, pieces_at) + max_seq_length - length
    body = (
        len(template)
        + _entry_size(len(_POSITIONS), positions_size)
        + _entry_size(len(_ORIGINALS), originals_size)
        + _entry_size(len(_INPUT_IDS), pieces_size)
    )
    start = at + FRAME_HEADER
    p = _write_head(out, start, LENGTH_DELIMITED_1, body)
    _copy(out, p, template)
    weights_at = p + values_at[0]
    for k in range(predictions):  # 1.0 is the bytes 00 00 80 3F
        out[weights_at + 4 * k + 2] = 0x80
        out[weights_at + 4 * k + 3] = 0x3F
    out[p + values_at[1]] = label
    mask_at, segments_at = p + values_at[2], p + values_at[3]
    _fill(out, mask_at, mask_at + length, 1)
    _fill(out, segments_at + b_at, segments_at + length, 1)
    p += len(template)
    p = _write_entry_head(out, p, _POSITIONS, INT64_LIST, positions_size)
    p = _write_padded(out, p, varints, 0, predictions, max_predictions)
    p = _write_entry_head(out, p, _ORIGINALS, INT64_LIST, originals_size)
    p = _write_padded(out, p, varints, originals_at, predictions, max_predictions)
    p = _write_entry_head(out, p, _INPUT_IDS, INT64_LIST, pieces_size)
    p = _write_padded(out, p, varints, pieces_at, length, max_seq_length)
    return _write_frame(out, at, p)


@numba.njit(cache=True)
def write_dynamic(
    out: np.ndarray,
    at: int,
    pieces: np.ndarray,
    length: int,
    b_at: int,
    label: int,
    begins: np.ndarray,
    lengths: np.ndarray,
    varints: np.ndarray,
) -> int:
    """Write the dynamic features as one frame to `out` (uint8) at `at`. Returns where the frame ends.

    `pieces` (int32 [length]) are unmasked. `begins` (int32) holds the positions where words and special pieces begin,
    in ascending order, and then `length`. `lengths` (int32 [2]) and `varints` (uint32 [length + 2]) are scratch memory.
    """
    lengths[0], lengths[1] = b_at, length - b_at
    lengths_size = encode_varints(lengths, 2, varints, length)
    pieces_size = encode_varints(pieces, length, varints, 0)
    starts_size = (length + 7) >> 3
    body = (
        _entry_size(len(_LABELS), 1)
        + _entry_size(len(_LENGTHS), lengths_size)
        + _entry_size(len(_STARTS), starts_size)
        + _entry_size(len(_INPUT_IDS), pieces_size)
    )
    p = _write_head(out, at + FRAME_HEADER, LENGTH_DELIMITED_1, body)
    p = _write_entry_head(out, p, _LABELS, INT64_LIST, 1)
    out[p] = label
    p = _write_entry_head(out, p + 1, _LENGTHS, INT64_LIST, lengths_size)
    p = write_varints(out, p, varints, length, 2)
    p = _write_entry_head(out, p, _STARTS, BYTES_LIST, starts_size)
    for i in range(starts_size):
        out[p + i] = 0
    word = 0
    while begins[word] < length:
        out[p + (begins[word] >> 3)] |= np.uint8(1 << (begins[word] & 7))
        word += 1
    p = _write_entry_head(out, p + starts_size, _INPUT_IDS, INT64_LIST, pieces_size)
    p = write_varints(out, p, varints, 0, length)
    return _write_frame(out, at, p)


@numba.njit(cache=True)
def _write_frame(out: np.ndarray, at: int, end: int) -> int:
    size = end - at - FRAME_HEADER
    for i in range(8):
        out[at + i] = size >> 8 * i & 0xFF
    _write_uint32(out, at + 8, masked_crc32c(out, at, at + 8))
    _write_uint32(out, end, masked_crc32c(out, at + FRAME_HEADER, end))
    return end + FRAME_FOOTER


@numba.njit(cache=True)
def _write_uint32(out: np.ndarray, at: int, value: np.uint32) -> None:
    for i in range(4):
        out[at + i] = value >> np.uint32(8 * i) & np.uint32(0xFF)


@numba.njit(cache=True, inline="always")
def _varint_size(value: int) -> int:
    return 1 + (value >= 1 << 7) + (value >= 1 << 14)


@numba.njit(cache=True)
def _write_padded(out: np.ndarray, at: int, varints: np.ndarray, first: int, count: int, padded_count: int) -> int:
    at = write_varints(out, at, varints, first, count)
    _fill(out, at, at + padded_count - count, 0)
    return at + padded_count - count


@numba.njit(cache=True)
def _copy(out: np.ndarray, at: int, source: np.ndarray) -> None:
    target = out[at : at + len(source)]
    for i in range(len(source)):
        target[i] = source[i]


@numba.njit(cache=True)
def _fill(out: np.ndarray, start: int, stop: int, byte: int) -> None:
    target = out[start:stop]
    for i in range(len(target)):
        target[i] = byte


@numba.njit(cache=True)
def _write_head(out: np.ndarray, at: int, tag: int, size: int) -> int:
    out[at] = tag
    at += 1
    while size > 0x7F:
        out[at] = size & 0x7F | 0x80
        size >>= 7
        at += 1
    out[at] = size
    return at + 1


@numba.njit(cache=True)
def _entry_size(key_size: int, values_size: int) -> int:
    size = 1 + _varint_size(values_size) + values_size  # the list
    size += 1 + _varint_size(size)  # the Feature
    size += 1 + _varint_size(size)  # field 2 of the entry
    size += 2 + key_size
    return size + 1 + _varint_size(size)


@numba.njit(cache=True)
def _write_entry_head(out: np.ndarray, at: int, key: np.ndarray, list_tag: int, values_size: int) -> int:
    """Write the part of a map entry before its values. Returns where it ends."""
    list_size = 1 + _varint_size(values_size) + values_size
    feature_size = 1 + _varint_size(list_size) + list_size
    at = _write_head(out, at, LENGTH_DELIMITED_1, 2 + len(key) + 1 + _varint_size(feature_size) + feature_size)
    at = _write_head(out, at, LENGTH_DELIMITED_1, len(key))
    _copy(out, at, key)
    at = _write_head(out, at + len(key), LENGTH_DELIMITED_2, feature_size)
    at = _write_head(out, at, list_tag, list_size)
    return _write_head(out, at, LENGTH_DELIMITED_1, values_size)
