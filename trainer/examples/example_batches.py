"""Batches of examples, each padded to one of a few lengths, in an order that follows from seed and epoch.

An epoch takes the rows in a random order. Of every SORTED_BATCHES batches, the rows are sorted by their bucket, so that a
batch holds rows of about one length, and then the batches of the epoch are put into a random order. So the batches from any
step on are known without those before it, and a run resumes exactly.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from beam_jobs.records.counter_random import path_key
from beam_jobs.records.permutation import permutation
from trainer.examples.buckets import bucket_of
from trainer.examples.fields import Fields

Batch = dict[str, np.ndarray]

SORTED_BATCHES = 50
NO_ROW = -1  # in the field `rows`, for a row that only fills a batch

_ROWS, _BATCHES = 1, 2  # path elements below (seed, epoch), by what is permuted


class ExampleBatches:
    """The batches of one data set.

    A batch has all fields of the rows. Those of pieces are [batch, bucket], padded with 0; `input_mask`, int32, is 1 for
    pieces. `rows`, int32 [batch], says which rows they are. The last batch of an epoch may lack rows: then the others
    are empty, with NO_ROW and the weight 0.
    """

    def __init__(self, fields: Fields, buckets: Sequence[int], batch_size: int, seed: int = 0) -> None:
        """Take the rows of `fields`, none of them longer than the last of `buckets`. Raises ValueError without rows."""
        self._fields, self._buckets, self._size, self._seed = fields, tuple(buckets), batch_size, seed
        self._lengths = fields.lengths
        self._bucket = bucket_of(self._lengths, buckets)
        if not len(self._lengths):
            raise ValueError("there are no rows")

    @property
    def steps_per_epoch(self) -> int:
        """The batches of one epoch."""
        return -(-len(self._lengths) // self._size)

    def train(self, start: int) -> Iterator[Batch]:
        """The batches from number `start` (0-based, over all epochs) on, without end."""
        epoch, place = divmod(start, self.steps_per_epoch)
        while True:
            for rows in self.order(epoch)[place:]:
                yield self._batch(rows)
            epoch, place = epoch + 1, 0

    def once(self) -> Iterator[Batch]:
        """Every row once, the shortest first: for evaluation and prediction. The same batches on every call."""
        order = np.argsort(self._bucket, kind="stable")
        for start in range(0, len(order), self._size):
            yield self._batch(order[start : start + self._size])

    def order(self, epoch: int) -> list[np.ndarray]:
        """The rows of each batch of an epoch, int64 [rows]: every row is in exactly one."""
        rows = permutation(path_key(self._seed, epoch, _ROWS), len(self._lengths))
        together = SORTED_BATCHES * self._size
        batches = []
        for start in range(0, len(rows), together):
            part = rows[start : start + together]
            part = part[np.argsort(self._bucket[part], kind="stable")]
            batches += [part[at : at + self._size] for at in range(0, len(part), self._size)]
        return [batches[i] for i in permutation(path_key(self._seed, epoch, _BATCHES), len(batches))]

    def _batch(self, rows: np.ndarray) -> Batch:
        length = self._buckets[int(self._bucket[rows].max())]
        batch: Batch = {"rows": np.full(self._size, NO_ROW, np.int32)}
        batch["rows"][: len(rows)] = rows
        batch["input_mask"] = np.zeros((self._size, length), np.int32)
        batch["input_mask"][: len(rows)] = np.arange(length) < self._lengths[rows][:, None]
        for name, values in self._fields.per_piece.items():
            batch[name] = np.zeros((self._size, length), values[0].dtype)
            for i, row in enumerate(rows):
                batch[name][i, : self._lengths[row]] = values[row]
        for name, column in self._fields.per_row.items():
            batch[name] = np.zeros((self._size, *column.shape[1:]), column.dtype)
            batch[name][: len(rows)] = column[rows]
        return batch
