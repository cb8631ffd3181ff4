"""Finds the instances of a batch that break a rule of `invariants.py`, compiled: a million in a few seconds."""

import numba
import numpy as np

from beam_jobs.decoding.decode_batch import InstanceBatch, complete
from beam_jobs.decoding.special_pieces import pieces_of
from beam_jobs.records.example_wire import (
    ABSENT,
    INPUT_IDS,
    INPUT_MASK,
    LABELS,
    LENGTHS,
    ORIGINALS,
    POSITIONS,
    SEGMENT_IDS,
    STARTS,
    WEIGHTS,
)
from vocab.vocabulary import Vocabulary


def find_violations(batch: InstanceBatch, vocabulary: Vocabulary, labels: int = 2) -> np.ndarray:
    """bool [n]: for each instance of the batch, whether `check_instance` finds anything wrong."""
    return _flag(complete(batch).columns, len(vocabulary), pieces_of(vocabulary), labels)


@numba.njit(cache=True, nogil=True)
def _flag(columns, size, special, labels):
    wrong = np.zeros(len(columns.counts), np.bool_)
    width = columns.input_ids.shape[1]
    original = np.empty(width, np.int64)
    for row in range(len(columns.counts)):
        count, ids, mask = columns.counts[row], columns.input_ids[row], columns.input_mask[row]
        segments, words = columns.segment_ids[row], columns.word_starts[row]
        positions, masked = columns.masked_lm_positions[row], columns.masked_lm_ids[row]
        weights = columns.masked_lm_weights[row]
        label_count, label = count[LABELS], columns.next_sentence_labels[row, 0]
        wrong[row] = (
            (label_count != ABSENT and (label_count != 1 or label < 0 or label >= labels))
            or _wrong_lengths(count, columns.segment_lengths[row], words)
            or _wrong_shape(ids, mask, segments, count[INPUT_IDS])
            or _wrong_predictions(ids, mask, positions, masked, weights, count, size, special)
        )
        if not wrong[row]:
            pieces = _ones(mask, count[INPUT_IDS])
            for i in range(pieces):
                original[i] = ids[i]
            for i in range(count[POSITIONS]):
                if weights[i] != 0:
                    original[positions[i]] = masked[i]
            wrong[row] = _wrong_structure(original, pieces, segments, special, count[STARTS], words)
    return wrong


@numba.njit(cache=True, nogil=True)
def _ones(values, count):
    ones = 0
    while ones < count and values[ones] == 1:
        ones += 1
    return ones


@numba.njit(cache=True, nogil=True)
def _wrong_lengths(count, lengths, words):
    pieces = count[INPUT_IDS]
    if count[INPUT_MASK] != pieces or count[SEGMENT_IDS] != pieces:
        return True
    if count[ORIGINALS] != count[POSITIONS] or count[WEIGHTS] != count[POSITIONS]:
        return True
    if count[STARTS] == ABSENT:
        return False
    if count[LENGTHS] != 2 or lengths[0] < 0 or lengths[1] < 0 or lengths[0] + lengths[1] != pieces:
        return True
    if count[STARTS] != (pieces + 7) // 8:
        return True
    return pieces % 8 > 0 and words[pieces // 8] >> (pieces % 8) != 0


@numba.njit(cache=True, nogil=True)
def _wrong_shape(ids, mask, segments, stored):
    pieces = _ones(mask, stored)
    if pieces < 3:
        return True
    for i in range(pieces):
        if segments[i] < 0 or segments[i] > 1 or (i > 0 and segments[i] < segments[i - 1]):
            return True
    return mask[pieces:stored].any() or segments[pieces:stored].any() or ids[pieces:stored].any()


@numba.njit(cache=True, nogil=True)
def _wrong_predictions(ids, mask, positions, masked, weights, count, size, special):
    for i in range(count[INPUT_IDS]):
        if ids[i] < 0 or ids[i] >= size:
            return True
    for i in range(count[POSITIONS]):
        if masked[i] < 0 or masked[i] >= size:
            return True
    pieces = _ones(mask, count[INPUT_IDS])
    last, ended = np.int64(-1), False
    for i in range(count[POSITIONS]):
        if weights[i] == 1:
            original = masked[i]
            if ended or positions[i] <= last or positions[i] >= pieces:
                return True
            if original in (special.pad, special.cls, special.sep, special.mask):
                return True
            last = positions[i]
        else:
            ended = True
            if weights[i] != 0 or positions[i] != 0 or masked[i] != 0:
                return True
    return False


@numba.njit(cache=True, nogil=True)
def _wrong_structure(ids, pieces, segments, special, stored_words, words):
    cls, sep = special.cls, special.sep
    first = 0
    while first < pieces and segments[first] == 0:
        first += 1
    if ids[0] != cls or ids[pieces - 1] != sep:
        return True
    between = special.separators
    if first < pieces and (first < 2 + between or pieces - first < 2):
        return True
    for i in range(pieces):
        piece = ids[i]
        if piece in (special.mask, special.pad) or (piece == cls and i > 0):
            return True
        if first < pieces and (piece == sep) != (first - between <= i < first or i == pieces - 1):
            return True
        if stored_words != ABSENT and (piece in (sep, cls)) and not words[i // 8] >> (i % 8) & 1:
            return True
    return False
