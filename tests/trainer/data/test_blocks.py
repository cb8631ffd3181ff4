import numpy as np
import pytest

from beam_jobs.errors import UserError
from beam_jobs.instances.encode import frame_record
from beam_jobs.records.tfrecord_frames import DAMAGED
from trainer.data.blocks import BlockReader, join
from trainer.data.frames import ShardStream
from trainer.data.position import RecordBlock, Stretch
from trainer.data.split import DataShard


@pytest.fixture
def shards(tmp_path):
    """Two shards of 6 and 4 records; a record holds its shard and number."""
    made = []
    for shard, count in enumerate((6, 4)):
        path = tmp_path / f"{shard}.tfrecord"
        path.write_bytes(b"".join(frame_record(bytes([shard, i])) for i in range(count)))
        made.append(DataShard(path.name, str(path), path.stat().st_size, count))
    return made


def block(*stretches, epoch=0):
    return RecordBlock(epoch, tuple(Stretch(*stretch) for stretch in stretches), 0)


def contents(records):
    return [
        None if end == DAMAGED else tuple(records.data[start:end].tolist())
        for start, end in zip(records.starts, records.ends, strict=True)
    ]


def test_a_block_has_the_rows_of_its_stretches_end_to_end(shards):
    asked = [(block((1, 0, 2), (0, 2, 4)), 0), (block((1, 3, 4), (0, 5, 6)), 1), (block((0, 0, 1), epoch=1), 0)]
    reader = BlockReader(shards, tolerant=False)
    found = reader.read(iter(asked))
    first, skipped = next(found)
    assert (contents(first.records), skipped) == ([(1, 0), (1, 1), (0, 2), (0, 3)], 0)
    assert first.instances.tolist() == [6, 7, 2, 3]  # counted over the shards in order
    assert first.row_starts.tolist() == [0, 1, 2, 3, 4]
    second, skipped = next(found)
    assert (contents(second.records), second.instances.tolist(), skipped) == ([(1, 3), (0, 5)], [9, 5], 1)
    found.close()


def test_a_shard_that_ends_too_soon_is_an_error_or_empty_rows(shards):
    short = [DataShard(shards[0].name, shards[0].uri, shards[0].bytes, 8)]
    blocks = [(block((0, 4, 8)), 0), (block((0, 7, 8)), 0)]
    with pytest.raises(UserError, match=r"0\.tfrecord: ends after 6 of its 8 records; copy or make it again"):
        next(BlockReader(short, tolerant=False).read(iter(blocks)))
    reader = BlockReader(short, tolerant=True)
    found = reader.read(iter(blocks))
    loaded, _ = next(found)
    assert contents(loaded.records) == [(0, 4), (0, 5), None, None]
    assert list(reader.faults) == [short[0].uri]
    found.close()


def test_records_laid_end_to_end(shards):
    parts = []
    for shard in shards:
        stream = ShardStream(shard.uri)
        parts.append(stream.read(3))
        stream.close()
    assert contents(join(parts)) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    parts[1].ends[1] = DAMAGED
    assert contents(join(parts))[4] is None
    assert join(parts[:1]) is parts[0]
    assert join(parts).starts.dtype == np.int64
