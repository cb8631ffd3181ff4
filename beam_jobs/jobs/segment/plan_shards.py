"""Decides which blocks of sentences go into which shard. This shuffles the corpus, with a few numbers for each block.

The result depends only on the blocks, the shard size and the seed. Each split is packed separately: blocks in random
order go into a shard until it has the right size, and a block that is too large for the rest of a shard waits for the
next one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from beam_jobs.execution.progress import announce_step
from beam_jobs.execution.run_once import ItemRow
from beam_jobs.jobs.segment.block_writer import TextBlock
from beam_jobs.jobs.segment.duplicate_rounds.lost_text import LostText, lost_texts
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.packed_rows import RowsInOrder
from beam_jobs.records import SPLITS, shard_name
from beam_jobs.records.counter_random import path_key
from beam_jobs.records.permutation import permutation

SENTENCES_STEP = "sentences"

_TOLERANCE = 0.1
_LOOK_AHEAD = 64  # blocks to try if the next one is too large for the rest of a shard


@dataclass(frozen=True, slots=True)
class PlacedBlock:
    """A block, and the intermediate file that holds it."""

    text: str
    block: TextBlock
    lost: LostText | None = None

    @property
    def bytes(self) -> int:
        """What is kept of the block."""
        return self.block.bytes - (self.lost.bytes if self.lost else 0)

    @property
    def documents(self) -> int:
        """Documents that are kept."""
        return self.block.documents - (self.lost.documents if self.lost else 0)

    @property
    def sentences(self) -> int:
        """Sentences that are kept."""
        return self.block.sentences - (self.lost.sentences if self.lost else 0)

    @property
    def item(self) -> str:
        """Name of the work item that wrote the file."""
        return self.text.rpartition("/")[2].removesuffix(".txt")


@dataclass(frozen=True, slots=True)
class SentenceShard:
    """The work of one call, which makes the shard `name` from these blocks in this order."""

    index: int
    name: str
    split: str
    blocks: tuple[PlacedBlock, ...]

    @property
    def bytes(self) -> int:
        """Size of the shard."""
        return sum(placed.bytes for placed in self.blocks)


def plan_sentence_shards(blocks: Sequence[PlacedBlock], shard_bytes: float, seed: int) -> list[SentenceShard]:
    """The shards of a corpus, in the order of their names.

    Args:
        blocks: all blocks, in the order of the input plan.
        shard_bytes: the intended size. Shards differ from it by at most 10 %, if documents, which are never cut, allow
            this; the last shard of a split may be smaller. A shard has more than one document if its split has, because
            random second segments come from the other documents of a shard.
        seed: of the shuffle.
    """
    shards: list[SentenceShard] = []
    for number, split in enumerate(SPLITS):
        chosen = [placed for placed in blocks if placed.block.split == split]
        order = permutation(path_key(seed, number), len(chosen))
        packed = _pack([chosen[i] for i in order.tolist()], shard_bytes)
        for i, group in enumerate(packed):
            name = shard_name("sentences", i, len(packed), split, ".txt")
            shards.append(SentenceShard(len(shards), name, split, tuple(group)))
    return shards


def plan_shards_of_rows(
    range_rows: Iterable[bytes | ItemRow], job: SegmentJob, duplicate_rows: Iterable[ItemRow] = ()
) -> list[SentenceShard]:
    """The shards of the blocks that the ranges, in any order, packed or not, wrote to their intermediate files.

    `duplicate_rows` are those of the rounds of `duplicate_rounds`: the documents that these removed are left out.
    """
    lost = lost_texts(duplicate_rows)
    blocks: list[PlacedBlock] = []
    for row in RowsInOrder(range_rows):
        of_split: Counter[str] = Counter()
        for fields in row["blocks"]:
            block = TextBlock(**fields)
            placed = PlacedBlock(row["text"], block, lost.get((row["index"], block.split, of_split[block.split])))
            of_split[block.split] += 1
            if placed.documents:
                blocks.append(placed)
    shards = plan_sentence_shards(blocks, job.settings.shard_mb * 1e6, job.settings.random_seed)
    announce_step(job.output, SENTENCES_STEP, "shards", len(shards), sum(shard.bytes for shard in shards))
    return shards


def _pack(queue: list[PlacedBlock], target: float) -> list[list[PlacedBlock]]:
    groups: list[list[PlacedBlock]] = []
    waiting: list[PlacedBlock] = []  # skipped so far, in order; they come first in the next shard
    mean_block = sum(placed.bytes for placed in queue) / max(1, len(queue))
    enough = max(target * (1 - _TOLERANCE), target - mean_block / 2)  # another block would make it worse
    position = 0
    while waiting or position < len(queue):
        group: list[PlacedBlock] = []
        size = documents = 0
        candidates, waiting = waiting, []
        while True:
            if candidates:
                placed = candidates.pop(0)
            elif position < len(queue) and len(waiting) < _LOOK_AHEAD:
                placed, position = queue[position], position + 1
            else:
                break
            if not group or size + placed.bytes <= target * (1 + _TOLERANCE):
                group.append(placed)
                size += placed.bytes
                documents += placed.documents
            else:
                waiting.append(placed)
            if size >= enough and documents > 1:
                break
        waiting += candidates
        if documents == 1 and waiting:
            smallest = min(range(len(waiting)), key=lambda i: waiting[i].bytes)
            group.append(waiting.pop(smallest))
        groups.append(group)
    return _without_lone_last(groups, target)


def _without_lone_last(groups: list[list[PlacedBlock]], target: float) -> list[list[PlacedBlock]]:
    """If the last shard has a single document, move a block of the shard before to it, or else join the two."""
    if len(groups) < 2 or _documents(groups[-1]) > 1:
        return groups
    before, last = groups[-2], groups[-1]
    smallest = min(range(len(before)), key=lambda i: before[i].bytes)
    rest = before[:smallest] + before[smallest + 1 :]
    if _documents(rest) > 1 and _bytes(rest) >= target * (1 - _TOLERANCE):
        return [*groups[:-2], rest, [*last, before[smallest]]]
    return [*groups[:-2], before + last]


def _documents(group: Iterable[PlacedBlock]) -> int:
    return sum(placed.documents for placed in group)


def _bytes(group: Iterable[PlacedBlock]) -> int:
    return sum(placed.bytes for placed in group)
