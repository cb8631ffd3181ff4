"""Reads the blocks of the order in advance, the shards of a block in parallel."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from beam_jobs.errors import UserError
from beam_jobs.records.frame_reader import Records
from beam_jobs.records.tfrecord_frames import DAMAGED
from trainer.data.frames import ShardStream
from trainer.data.packing import UNIT, PackRules, pack_unit, unit_rows
from trainer.data.position import SHARDS_AT_ONCE, RecordBlock, Stretch
from trainer.data.split import DataShard


@dataclass(frozen=True)
class LoadedBlock:
    """The records of a block.

    Row r of its joined stretches has the records from `row_starts[r]` to `row_starts[r + 1]`.
    """

    block: RecordBlock
    records: Records
    instances: np.ndarray  # int64: the number of each record in the split, counted over the shards in order
    row_starts: np.ndarray  # int64 [rows + 1]


class Lane:
    """One shard, read from front to back as rows. A row is a record, or, with `lengths`, several packed records."""

    def __init__(
        self, shard: DataShard, first_instance: int, tolerant: bool, lengths: np.ndarray | None, rules: PackRules | None
    ) -> None:
        self.shard, self.stream = shard, ShardStream(shard.uri, tolerant)
        self._first_instance, self._lengths, self._rules = first_instance, lengths, rules
        self._tolerant = tolerant
        self._unit_rows = np.zeros(0, np.int64)
        if lengths is not None and rules is not None:
            self._unit_rows = np.concatenate(([0], np.cumsum(unit_rows(lengths, rules))))
        self._held: tuple[int, Records | None] = (
            -1,
            None,
        )  # the last unit, which two blocks may share

    def read(self, stretch: Stretch) -> tuple[Records, np.ndarray, np.ndarray]:
        """Records, instances and row starts of consecutive rows, which must lie behind those that were read before."""
        if self._lengths is None or self._rules is None:
            records = self._records(stretch.first, stretch.last)
            numbers = self._first_instance + np.arange(stretch.first, stretch.last)
            return records, numbers, np.arange(len(records) + 1)
        units = self._unit_rows
        parts: list[Records] = []
        instances: list[np.ndarray] = []
        starts = [np.zeros(1, np.int64)]
        unit = int(np.searchsorted(units, stretch.first, "right")) - 1
        total = 0
        while unit < len(units) - 1 and units[unit] < stretch.last:
            packed = pack_unit(self._lengths[unit * UNIT : (unit + 1) * UNIT], self._rules)
            first, last = (
                int(np.clip(row - units[unit], 0, len(packed.row_starts) - 1)) for row in (stretch.first, stretch.last)
            )
            edges = packed.row_starts[first : last + 1]
            members = packed.members[edges[0] : edges[-1]]
            records = self._unit(unit)
            parts.append(Records(records.data, records.starts[members], records.ends[members]))
            instances.append(self._first_instance + unit * UNIT + members)
            starts.append(edges[1:] - edges[0] + total)
            total += len(members)
            unit += 1
        return join(parts), np.concatenate(instances), np.concatenate(starts)

    def close(self) -> None:
        """Close the file."""
        self.stream.close()

    def _unit(self, unit: int) -> Records:
        held, records = self._held
        if held != unit or records is None:
            records = self._records(unit * UNIT, min((unit + 1) * UNIT, self.shard.records))
            self._held = unit, records
        return records

    def _records(self, first: int, last: int) -> Records:
        self.stream.skip(first - self.stream.record)
        records = self.stream.read(last - first)
        missing = last - first - len(records)
        if not missing:
            return records
        fault = f"{self.shard.uri}: ends after {self.stream.record:,} of its {self.shard.records:,} records"
        if not self._tolerant:
            raise UserError(f"{fault}; copy or make it again")
        self.stream.fault, self.stream.record = fault, last
        starts, ends = np.zeros(missing, np.int64), np.full(missing, DAMAGED, np.int64)
        return Records(records.data, np.concatenate((records.starts, starts)), np.concatenate((records.ends, ends)))


class BlockReader:
    """Reads blocks in the given order, which must go forward within each shard of an epoch."""

    def __init__(
        self,
        shards: Sequence[DataShard],
        tolerant: bool,
        lengths: Sequence[np.ndarray] | None = None,
        rules: PackRules | None = None,
    ) -> None:
        self._shards, self._tolerant, self._lengths, self._rules = shards, tolerant, lengths, rules
        self._first_instance = list(itertools.accumulate((shard.records for shard in shards), initial=0))
        self._lanes: dict[tuple[int, int], Lane] = {}
        self._threads = ThreadPoolExecutor(SHARDS_AT_ONCE, thread_name_prefix="shards")
        self.faults: dict[str, str] = {}  # for each shard, why a part of it was skipped

    def read(self, blocks: Iterable[tuple[RecordBlock, int]]) -> Iterator[tuple[LoadedBlock, int]]:
        """The loaded blocks. While one is used, the next one is read. Closing the iterator closes all files."""
        source = iter(blocks)
        try:
            block, skipped = next(source)
            parts = self._begin(block)
            while True:
                loaded = self._finish(block, parts)
                following = next(source)
                parts = self._begin(following[0])
                yield loaded, skipped
                block, skipped = following
        finally:
            self._threads.shutdown(wait=True, cancel_futures=True)
            for lane in self._lanes.values():
                lane.close()

    def _begin(self, block: RecordBlock) -> list[Future[tuple[Records, np.ndarray, np.ndarray]]]:
        wanted = {(block.epoch, stretch.shard) for stretch in block.stretches}
        for key in [key for key in self._lanes if key not in wanted]:
            self._lanes.pop(key).close()
        return [self._threads.submit(self._read, block.epoch, stretch) for stretch in block.stretches]

    def _read(self, epoch: int, stretch: Stretch) -> tuple[Records, np.ndarray, np.ndarray]:
        key = epoch, stretch.shard
        if key not in self._lanes:
            shard = self._shards[stretch.shard]
            lengths = self._lengths[stretch.shard] if self._lengths is not None else None
            self._lanes[key] = Lane(shard, self._first_instance[stretch.shard], self._tolerant, lengths, self._rules)
        return self._lanes[key].read(stretch)

    def _finish(self, block: RecordBlock, parts: list[Future[tuple[Records, np.ndarray, np.ndarray]]]) -> LoadedBlock:
        loaded = [part.result() for part in parts]
        for stretch in block.stretches:
            lane = self._lanes[block.epoch, stretch.shard]
            if lane.stream.fault:
                self.faults.setdefault(lane.shard.uri, lane.stream.fault)
        starts, total = [np.zeros(1, np.int64)], 0
        for records, _, row_starts in loaded:
            starts.append(row_starts[1:] + total)
            total += len(records)
        return LoadedBlock(
            block,
            join([part[0] for part in loaded]),
            np.concatenate([part[1] for part in loaded]),
            np.concatenate(starts),
        )


def join(parts: Sequence[Records]) -> Records:
    """The records, joined."""
    if len(parts) == 1:
        return parts[0]
    shifts = itertools.accumulate((len(part.data) for part in parts), initial=0)
    starts, ends = [], []
    for part, shift in zip(parts, shifts, strict=False):
        starts.append(part.starts + shift)
        ends.append(np.where(part.ends == DAMAGED, DAMAGED, part.ends + shift))
    return Records(np.concatenate([part.data for part in parts]), np.concatenate(starts), np.concatenate(ends))
