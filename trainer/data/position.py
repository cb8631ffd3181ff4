"""The order in which rows are read. It is a function of (seed, position), so a position is enough to resume from.

An epoch takes the shards in a permuted order, in groups of SHARDS_AT_ONCE. A group is cut into n blocks: the first
block has the first n-th of the rows of every shard in the group, the second block the second n-th, and so on. The rows
of a block are permuted in memory. So every shard is read from front to back, which gzip requires, and yet a row is
mixed with rows of many shards. Batches continue across the ends of blocks and epochs, and every row comes exactly once
in an epoch.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from beam_jobs.records.counter_random import path_key
from beam_jobs.records.permutation import permutation

SHARDS_AT_ONCE = 8
BLOCK_PIECES = 1 << 22  # sequence length times the rows of a block; about 40 MB of classic records

_SHARDS, _ROWS = 1, 2  # path elements below (seed, epoch), by what is permuted


@dataclass(frozen=True)
class Stretch:
    """Consecutive rows of one shard: [first, last)."""

    shard: int
    first: int
    last: int


@dataclass(frozen=True)
class RecordBlock:
    """Rows that are read and permuted together."""

    epoch: int
    stretches: tuple[Stretch, ...]
    key: int

    @property
    def rows(self) -> int:
        """The number of rows."""
        return sum(stretch.last - stretch.first for stretch in self.stretches)

    @property
    def order(self) -> np.ndarray:
        """The order of the rows of the joined stretches: int64 [rows]."""
        return permutation(self.key, self.rows)


@dataclass(frozen=True)
class Order:
    """The order of all epochs over shards of `counts` rows.

    `block_rows` is the approximate number of rows of a block.
    """

    counts: Sequence[int]
    seed: int
    block_rows: int

    @property
    def total(self) -> int:
        """Rows of an epoch."""
        return sum(self.counts)

    def blocks(self, position: int) -> Iterator[tuple[RecordBlock, int]]:
        """Yield (block, start) without end, from the block with row `position` on, which counts over all epochs.

        `start` is the place of that row in the first block, and 0 in the others.
        """
        epoch, place = divmod(position, self.total)
        while True:
            for block in self._epoch(epoch, place):
                skipped = min(place, block.rows)
                place -= skipped
                if skipped < block.rows:
                    yield block, skipped
            epoch += 1

    def _epoch(self, epoch: int, place: int) -> Iterator[RecordBlock]:
        """The blocks of an epoch.

        Most blocks before row `place` are joined into a few large ones, which are not read.
        """
        shards = permutation(path_key(self.seed, epoch, _SHARDS), len(self.counts))
        for start in range(0, len(shards), SHARDS_AT_ONCE):
            group = [int(shard) for shard in shards[start : start + SHARDS_AT_ONCE]]
            rows = sum(self.counts[shard] for shard in group)
            blocks = -(-rows // self.block_rows)
            # they have at most `place` rows, because the part of every shard is rounded down
            passed = min(blocks, place * blocks // max(rows, 1))
            edges = [0, *range(passed, blocks + 1)] if passed else range(blocks + 1)
            for first, last in itertools.pairwise(edges):
                key = path_key(self.seed, epoch, _ROWS, start, first)
                yield RecordBlock(epoch, self._cut(group, first, last, blocks), key)
            place = max(0, place - rows)

    def _cut(self, group: Sequence[int], first: int, last: int, blocks: int) -> tuple[Stretch, ...]:
        """The stretches of the blocks [first, last) of a group that is cut into `blocks` blocks."""
        counts = ((shard, self.counts[shard]) for shard in group)
        stretches = (Stretch(shard, count * first // blocks, count * last // blocks) for shard, count in counts)
        return tuple(stretch for stretch in stretches if stretch.first < stretch.last)


def block_rows(sequence_length: int) -> int:
    """The number of rows of a block for a sequence length."""
    return max(1, BLOCK_PIECES // sequence_length)
