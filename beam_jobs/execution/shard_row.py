"""The row of a finished shard: its entry in the manifest, and what `run_once` needs to check it."""

import dataclasses
from typing import Any

from beam_jobs.execution.run_once import ItemRow
from beam_jobs.records import Shard, known_fields


def shard_row(index: int, shard: Shard, **more: Any) -> ItemRow:
    """The row of the shard at place `index` of its corpus: the fields of `Shard`, `more`, and the file for `run_once`."""
    wrote = {shard.name: [shard.bytes, shard.crc32c]}
    return {"index": index, **dataclasses.asdict(shard), **more, "wrote": wrote}


def shard_of(row: ItemRow) -> Shard:
    """The shard of a row that `shard_row` made, in this version or an older one."""
    return Shard(**known_fields(Shard, row))
