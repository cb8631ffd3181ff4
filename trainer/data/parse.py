"""Parses records into the arrays of a batch, and checks them against what the phase expects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from beam_jobs.records.example_wire import (
    ABSENT,
    COLUMNS,
    INPUT_IDS,
    INPUT_MASK,
    LABELS,
    LENGTHS,
    OK,
    ORIGINALS,
    POSITIONS,
    SEGMENT_IDS,
    STARTS,
    WEIGHTS,
    WRONG_KIND,
)
from beam_jobs.records.frame_reader import Records
from beam_jobs.records.tfrecord_frames import DAMAGED
from trainer.data.parse_kernel import ParsedInstances, parse_records

PADDED = (INPUT_IDS, INPUT_MASK, SEGMENT_IDS)  # of a classic record, as long as the sequence
PREDICTED = (POSITIONS, ORIGINALS, WEIGHTS)  # of a classic record, all of the same length
CLASSIC = (*PADDED, *PREDICTED)
_MOST_SEGMENTS = 16  # more than in any published model; a larger number means damage
DYNAMIC = (INPUT_IDS, LENGTHS, STARTS, LABELS)
_EMPTIED = (
    "ids",
    "mask",
    "segments",
    "positions",
    "originals",
    "weights",
    "labels",
    "lengths",
)  # when a record cannot be used


@dataclass(frozen=True)
class Shape:
    """The shape that every record must fit."""

    sequence_length: int
    max_predictions: int
    vocab_size: int
    segments: int = 2  # rows of the model's segment table
    labels: int = 2  # values of the next-sentence label


Fault = Callable[[int, str], None]
"""Called with the index of a record that cannot be used, and the reason. It may raise."""


def is_dynamic(record: np.ndarray) -> bool:
    """Whether a record (uint8, serialised) is dynamic. Raises ValueError if it is not an instance."""
    instances = _empty(1, Shape(1, 1, 0), dynamic=False)
    start = row = np.zeros(1, np.int64)
    _, status = parse_records(record, start, np.array([len(record)], np.int64), row, 0, instances)
    if status != OK:
        raise ValueError(_why(status))
    counts = instances.counts[0]
    for needed, answer in ((DYNAMIC[:-1], True), (CLASSIC, False)):
        if all(counts[column] != ABSENT for column in needed):
            return answer
    missing = [COLUMNS[column] for column in CLASSIC if counts[column] == ABSENT]
    raise ValueError(f"it has no {', '.join(missing)}")


def parse(
    records: Records, rows: np.ndarray, row_count: int, shape: Shape, *, dynamic: bool, labels: bool, fault: Fault
) -> ParsedInstances:
    """Parse record i into row `rows[i]` (int64) of `row_count` rows. Rows without a record stay 0.

    `fault` is called for a record that is damaged, malformed or does not fit `shape`; if it returns, the row is 0. If
    `labels` is true, every record must have next-sentence labels.
    """
    out = _empty(row_count, shape, dynamic=dynamic, records=len(records))
    done = 0
    while True:
        stopped, status = parse_records(records.data, records.starts, records.ends, rows, done, out)
        if status == OK:
            break
        fault(stopped, _why(status))
        out.counts[stopped] = ABSENT
        done = stopped + 1
    bad = _misfits(out, rows, shape, dynamic, labels)
    usable = records.ends != DAMAGED
    for i in np.flatnonzero(bad & usable):
        fault(int(i), _misfit(out, int(i), rows, shape, dynamic, labels))
    for i in np.flatnonzero(bad):
        for name in _EMPTIED:
            getattr(out, name)[rows[i]] = 0
    out.good[rows] = ~bad
    return out


def _empty(rows: int, shape: Shape, *, dynamic: bool, records: int = 1) -> ParsedInstances:
    length, predictions = shape.sequence_length, shape.max_predictions
    static_length, static_predictions = (0, 0) if dynamic else (length, predictions)
    return ParsedInstances(
        ids=np.zeros((rows, length), np.int32),
        mask=np.zeros((rows, static_length), np.int32),
        segments=np.zeros((rows, static_length), np.int32),
        positions=np.zeros((rows, static_predictions), np.int32),
        originals=np.zeros((rows, static_predictions), np.int32),
        weights=np.zeros((rows, static_predictions), np.float32),
        labels=np.zeros((rows, 1), np.int32),
        lengths=np.zeros((rows, 2), np.int32),
        starts=np.zeros((rows, (length + 7) // 8 if dynamic else 0), np.uint8),
        good=np.zeros(rows, bool),
        counts=np.full((records, len(COLUMNS)), ABSENT, np.int32),
    )


def _why(status: int) -> str:
    if status == WRONG_KIND:
        return "a feature holds another kind of values than an instance's"
    return "it is no tf.train.Example"


def _misfits(out: ParsedInstances, rows: np.ndarray, shape: Shape, dynamic: bool, labels: bool) -> np.ndarray:
    """bool [records]: true for the records that do not fit."""
    counts = out.counts
    ids = counts[:, INPUT_IDS]
    bad = np.zeros(len(counts), bool)
    if labels or dynamic:
        bad |= counts[:, LABELS] != 1
    if dynamic:
        bad |= (counts[:, LENGTHS] != 2) | (counts[:, STARTS] != (ids + 7) // 8)
        bad |= (ids > shape.sequence_length) | (ids < 1) | (out.lengths[rows].sum(axis=1) != ids)
        bad |= (out.lengths[rows, 1] > 0) & (shape.segments < 2)
    else:
        bad |= (counts[:, PADDED] != shape.sequence_length).any(axis=1)
        stored = counts[:, POSITIONS]
        bad |= (stored > shape.max_predictions) | (stored < 0)
        bad |= (counts[:, PREDICTED] != stored[:, None]).any(axis=1)
    limits = [(out.ids, shape.vocab_size), (out.originals, shape.vocab_size), (out.labels, shape.labels)]
    limits += [(out.mask, 2), (out.segments, shape.segments), (out.positions, shape.sequence_length)]
    if not (out.weights >= 0).all() or np.isinf(out.weights).any():
        bad |= ~((out.weights[rows] >= 0) & np.isfinite(out.weights[rows])).all(axis=1)
    for values, limit in limits:
        if values.size and limit and values.max() >= limit:
            bad |= (values[rows] >= limit).any(axis=1)
    return bad


def _misfit(out: ParsedInstances, i: int, rows: np.ndarray, shape: Shape, dynamic: bool, labels: bool) -> str:
    """Why `_misfits` refuses record i, in words."""
    counts, row, length = out.counts[i], rows[i], shape.sequence_length
    needed: Sequence[int] = DYNAMIC if dynamic else (*CLASSIC, LABELS) if labels else CLASSIC
    missing = [COLUMNS[column] for column in needed if counts[column] == ABSENT]
    if missing:
        return f"it has no {', '.join(missing)}"
    pieces = counts[INPUT_IDS]
    if pieces > length or (pieces < length and not dynamic):
        return (
            f"it has {pieces} pieces, but the phase has sequence_length {length}: change the plan or make other records"
        )
    if not dynamic and counts[POSITIONS] > shape.max_predictions:
        return (
            f"it has {counts[POSITIONS]} predictions, but the phase {shape.max_predictions}: "
            f"set max_predictions = {counts[POSITIONS]} in the plan"
        )
    if shape.vocab_size and max(out.ids[row].max(), out.originals[row].max(initial=0)) >= shape.vocab_size:
        largest = max(out.ids[row].max(), out.originals[row].max(initial=0))
        return f"it has the piece id {largest}, but the model's vocabulary only {shape.vocab_size} pieces"
    highest = int(out.lengths[row][1] > 0) if dynamic else int(out.segments[row].max(initial=0))
    if shape.segments <= highest < _MOST_SEGMENTS:
        return (
            f"it has a segment {highest}, but the model's type_vocab_size is {shape.segments}: set type_vocab_size = "
            f"{highest + 1} in the plan's model.config, or make records of full sentences"
        )
    weights = out.weights[row]
    if not ((weights >= 0) & np.isfinite(weights)).all():
        return f"its masked_lm_weights are {', '.join(f'{weight:g}' for weight in weights)}: a weight is 0 or above"
    if out.labels[row, 0] >= shape.labels:
        return f"it has the next-sentence label {out.labels[row, 0]}, but the data's objective only 0 to {shape.labels - 1}"
    return "its features contradict each other"
