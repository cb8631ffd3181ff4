"""Decodes many records of an instance shard to padded arrays: the parser of `decode.py` as a compiled kernel.

One pass over the bytes of a batch writes every feature of every record into its row, in a few microseconds per record.
Unknown features are skipped.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from beam_jobs.decoding.decode import Instance, MalformedRecordError, decode_instance, instance_from_features
from beam_jobs.decoding.decode_kernel import INT_COLUMNS, decode_records
from beam_jobs.records.example_wire import ABSENT, COLUMNS, OK, STARTS, WEIGHTS
from beam_jobs.records.frame_reader import Records


class Columns(NamedTuple):
    """The features of many instances, in a form that compiled code can take.

    Each is [n, width], as wide as the widest record, with 0 after the values of a record. `counts`, int32 [n,
    len(COLUMNS)], has the number of values of each record in each column, or ABSENT.
    """

    input_ids: np.ndarray  # int64, like all but the last two
    input_mask: np.ndarray
    segment_ids: np.ndarray
    masked_lm_positions: np.ndarray
    masked_lm_ids: np.ndarray
    next_sentence_labels: np.ndarray
    segment_lengths: np.ndarray
    masked_lm_weights: np.ndarray  # float32
    word_starts: np.ndarray  # uint8
    counts: np.ndarray


@dataclass(frozen=True)
class InstanceBatch:
    """Consecutive instances of one file; row `i` is record `first_record + i`."""

    columns: Columns
    first_record: int

    def __len__(self) -> int:
        return len(self.columns.counts)

    def instance(self, row: int) -> Instance:
        """One row, as `decode_instance` returns it. Raises MalformedRecordError if it is not an instance."""
        features: dict[str, np.ndarray | list[bytes]] = {}
        for column, name in enumerate(COLUMNS):
            count = self.columns.counts[row, column]
            if count != ABSENT:
                values = getattr(self.columns, name)[row, :count].copy()
                features[name] = [values.tobytes()] if column == STARTS else values
        return instance_from_features(features)


def decode_batch(batch: Records, name: str) -> InstanceBatch:
    """Decode all records of a batch.

    Raises MalformedRecordError, naming the file and the record, at the first record that is not a `tf.train.Example` or
    not an instance.
    """
    data = batch.data
    widths = np.ones(len(COLUMNS), np.int64)
    for rows in (1, len(batch), len(batch)):  # padded records are all as wide as the first; others need a second pass
        ints = np.zeros((rows, int(widths[:WEIGHTS].sum())), np.int64)
        floats = np.zeros((rows, widths[WEIGHTS]), np.float32)
        strings = np.zeros((rows, widths[STARTS]), np.uint8)
        counts = np.full((rows, len(COLUMNS)), ABSENT, np.int32)
        row, status = decode_records(data, batch.starts, batch.ends, widths, ints, floats, strings, counts)
        if status != OK:
            raise _error(batch, row, name)
        needed = counts.max(axis=0, initial=1).astype(np.int64)
        if rows == len(batch) and (needed <= widths).all():
            break
        widths = np.maximum(needed, widths)
    begins = np.concatenate(([0], np.cumsum(widths[:WEIGHTS])))
    named = {name: ints[:, begins[i] : begins[i + 1]] for i, name in enumerate(INT_COLUMNS)}
    columns = Columns(**named, masked_lm_weights=floats, word_starts=strings, counts=counts)
    _require_instances(columns, batch, name)
    return InstanceBatch(columns, batch.first_record)


def _require_instances(decoded: Columns, batch: Records, name: str) -> None:
    there = decoded.counts != ABSENT
    column = {column: there[:, i] for i, column in enumerate(COLUMNS)}
    classic = column["masked_lm_positions"] & column["masked_lm_ids"]
    dynamic = column["word_starts"] & column["segment_lengths"]
    bad = np.flatnonzero(~(column["input_ids"] & np.where(column["word_starts"], dynamic, classic)))
    if len(bad):
        raise _error(batch, int(bad[0]), name)


def _error(batch: Records, row: int, name: str) -> MalformedRecordError:
    try:
        decode_instance(batch[row])
        reason = "its features are not stored as an instance's are"
    except MalformedRecordError as error:
        reason = str(error)
    return MalformedRecordError(f"{name}: record {batch.first_record + row} is no pretraining instance: {reason}")


def complete(batch: InstanceBatch) -> InstanceBatch:
    """The batch with mask, segments, predictions and weights in every row, derived as `instance_from_features` does."""
    columns, column = batch.columns, {name: i for i, name in enumerate(COLUMNS)}
    dynamic = columns.counts[:, [column["word_starts"]]] != ABSENT
    if not dynamic.any() and not (columns.counts[:, [column[name] for name in _COMPLETED]] == ABSENT).any():
        return batch
    ids, positions, counts = columns.input_ids, columns.masked_lm_positions, columns.counts.copy()
    place, size = np.arange(ids.shape[1]), columns.counts[:, :1]
    second = (place >= columns.segment_lengths[:, :1]) & (place < size) & dynamic
    predictions = np.where(dynamic, 0, counts[:, [column["masked_lm_positions"]]])
    nothing = np.zeros_like(positions)
    derived = {
        "input_mask": (np.where(dynamic, place < size, ids != 0), size),
        "segment_ids": (second, size),
        "masked_lm_positions": (nothing, predictions),
        "masked_lm_ids": (nothing, predictions),
        "masked_lm_weights": (positions != 0, predictions),
    }
    changed: dict[str, Any] = {}
    for name, (values, sizes) in derived.items():
        at = [column[name]]
        missing = (counts[:, at] == ABSENT) | dynamic
        stored = getattr(columns, name)
        width = max(stored.shape[1], values.shape[1])
        changed[name] = np.where(missing, _widen(values, width), _widen(stored, width)).astype(stored.dtype)
        counts[:, at] = np.where(missing, sizes, counts[:, at])
    return InstanceBatch(columns._replace(counts=counts, **changed), batch.first_record)


_COMPLETED = ("input_mask", "segment_ids", "masked_lm_positions", "masked_lm_ids", "masked_lm_weights")


def _widen(values: np.ndarray, width: int) -> np.ndarray:
    return np.pad(values, ((0, 0), (0, width - values.shape[1])))
