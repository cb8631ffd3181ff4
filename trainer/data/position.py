"""The order in which rows are read: a function of (seed, position), so that a position is all there is to resume from.

An epoch takes the shards in a permuted order, SHARDS_AT_ONCE of them side by side. Such a group is cut into blocks: block j
of n takes the j-th n-th of every shard in it. The rows of a block are permuted in memory. So shards are read from front to
back, gzipped ones too, and a row meets rows of many shards and of its whole neighbourhood in each. Batches run on across
the ends of blocks and epochs: every row comes exactly once per epoch.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from beam_jobs.records.counter_random import path_key
from beam_jobs.records.permutation import permutation

SHARDS_AT_ONCE = 8
BLOCK_PIECES = 1 << 22  # sequence length times rows of a block: about 40 MB of classic records

_SHARDS, _ROWS = 1, 2  # path elements below (seed, epoch): what is permuted


@dataclass(frozen=True)
class Stretch:
    """Consecutive rows of one shard: `first` up to, not including, `last`."""

    shard: int
    first: int
    last: int


@dataclass(frozen=True)
class Block:
    """Rows that are read and permuted together."""

    epoch: int
    stretches: tuple[Stretch, ...]
    key: int

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(stretch.last - stretch.first for stretch in self.stretches)

    @property
    def order(self) -> np.ndarray:
        """Which row of the stretches, laid end to end, comes when: int64 [rows]."""
        return permutation(self.key, self.rows)


@dataclass(frozen=True)
class Order:
    """The order of all epochs over shards of `counts` rows; `block_rows` is the most that a block has, about."""

    counts: Sequence[int]
    seed: int
    block_rows: int

    @property
    def total(self) -> int:
        """Rows of an epoch."""
        return sum(self.counts)

    def blocks(self, position: int) -> Iterator[tuple[Block, int]]:
        """The blocks from the one with row `position` (counted over all epochs) on, without end, and where in the first
        of them that row stands; 0 for the others.
        """
        epoch, place = divmod(position, self.total)
        while True:
            for block in self._epoch(epoch, place):
                skipped = min(place, block.rows)
                place -= skipped
                if skipped < block.rows:
                    yield block, skipped
            epoch += 1

    def _epoch(self, epoch: int, place: int) -> Iterator[Block]:
        """The blocks of an epoch; most of those before row `place` as a few large ones that nobody will read."""
        shards = permutation(path_key(self.seed, epoch, _SHARDS), len(self.counts))
        for start in range(0, len(shards), SHARDS_AT_ONCE):
            group = [int(shard) for shard in shards[start : start + SHARDS_AT_ONCE]]
            rows = sum(self.counts[shard] for shard in group)
            blocks = -(-rows // self.block_rows)
            # their rows are no more than `place`, because every shard's part is rounded down
            passed = min(blocks, place * blocks // max(rows, 1))
            edges = [0, *range(passed, blocks + 1)] if passed else range(blocks + 1)
            for first, last in itertools.pairwise(edges):
                key = path_key(self.seed, epoch, _ROWS, start, first)
                yield Block(epoch, self._cut(group, first, last, blocks), key)
            place = max(0, place - rows)

    def _cut(self, group: Sequence[int], first: int, last: int, blocks: int) -> tuple[Stretch, ...]:
        """What blocks `first` up to, not including, `last` of a group's `blocks` take of each shard."""
        counts = ((shard, self.counts[shard]) for shard in group)
        stretches = (Stretch(shard, count * first // blocks, count * last // blocks) for shard, count in counts)
        return tuple(stretch for stretch in stretches if stretch.first < stretch.last)


def block_rows(sequence_length: int) -> int:
    """Rows of a block for a sequence length."""
    return max(1, BLOCK_PIECES // sequence_length)
