"""Looks at the first record of a split before training begins: its kind, and whether it fits the phase."""

import numpy as np

from beam_jobs.errors import UserError
from beam_jobs.records.frame_reader import Records
from beam_jobs.records.tfrecord_frames import DAMAGED
from trainer.data.batch_settings import BatchSettings
from trainer.data.frames import ShardStream
from trainer.data.parse import is_dynamic, parse
from trainer.data.split import DataShard, DataSplit


def first_record_is_dynamic(split: DataSplit, settings: BatchSettings) -> bool:
    """Whether the records of a split are dynamic; UserError when they do not fit the settings."""
    for shard in split.shards:
        stream = ShardStream(shard.uri, settings.tolerant)
        try:
            record = stream.read(1)
        finally:
            stream.close()
        if not len(record) or record.ends[0] == DAMAGED:
            continue
        return _check_record(record, shard, settings)
    raise UserError(f"{split.folder}: no shard of the split {split.split!r} begins with a record that can be read")


def _check_record(record: Records, shard: DataShard, settings: BatchSettings) -> bool:
    def fault(i: int, why: str) -> None:
        raise UserError(f"{shard.uri}: record 0 does not fit: {why}")

    try:
        dynamic = is_dynamic(record.data[record.starts[0] : record.ends[0]])
    except ValueError as error:
        raise UserError(
            f"{shard.uri}: no pretraining instance: {error}; name the output of the instances job"
        ) from None
    if settings.packing and not dynamic:
        raise UserError(
            f"{shard.uri}: packing needs records made with --masking=dynamic; set packing = false in the plan"
        )
    row = np.zeros(1, np.int64)
    parse(record, row, 1, settings.shape, dynamic=dynamic, labels=settings.next_sentence, fault=fault)
    return dynamic
