import dataclasses
import json

import google_crc32c
import numpy as np
import pytest

from beam_jobs.errors import UserError
from beam_jobs.jobs.segment.block_writer import TextBlock
from beam_jobs.jobs.segment.duplicate_rounds.lost_text import LostText, RunsPlace
from beam_jobs.jobs.segment.duplicate_rounds.removed import RUN
from beam_jobs.jobs.segment.job import SegmentJob
from beam_jobs.jobs.segment.plan_shards import PlacedBlock, SentenceShard, plan_shards_of_rows
from beam_jobs.jobs.segment.write_shards import write_sentence_shard
from beam_jobs.settings import SegmentSettings

TEXTS = {"_work/texts/000000.txt": b"en\nto\n\ntre\n\n", "_work/texts/000001.txt": b"x\nfire\n\n"}


def crc(data):
    return google_crc32c.Checksum(data).hexdigest().decode()


def block(text, start, data, documents, sentences):
    return PlacedBlock(text, TextBlock("train", start, len(data), documents, sentences, crc(data)))


SHARD = SentenceShard(
    4,
    "train/sentences-00004-of-00009.txt",
    "train",
    (block("_work/texts/000001.txt", 2, b"fire\n\n", 1, 1), block("_work/texts/000000.txt", 0, b"en\nto\n\n", 1, 2)),
)


@pytest.fixture
def job(tmp_path):
    for name, data in TEXTS.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    for item in ("000000", "000001"):
        (tmp_path / "_work" / "segment").mkdir(exist_ok=True)
        (tmp_path / "_work" / "segment" / f"{item}.json").write_text("{}")
    return SegmentJob(SegmentSettings(("in",), str(tmp_path)), str(tmp_path), "h", 0.0)


def test_blocks_follow_each_other_in_the_order_of_the_plan(job, tmp_path):
    row = write_sentence_shard(SHARD, job)
    data = (tmp_path / SHARD.name).read_bytes()
    assert data == b"fire\n\nen\nto\n\n"
    assert {key: row[key] for key in ("index", "name", "split", "records", "documents", "bytes", "crc32c")} == {
        "index": 4,
        "name": SHARD.name,
        "split": "train",
        "records": 3,
        "documents": 2,
        "bytes": 13,
        "crc32c": crc(data),
    }
    assert row["progress"] == {"bytes": 13}


def test_a_finished_shard_is_not_written_again_and_one_of_other_blocks_is(job, tmp_path):
    row = write_sentence_shard(SHARD, job)
    (tmp_path / "_work" / "texts" / "000000.txt").unlink()
    assert write_sentence_shard(SHARD, job) == row
    fewer = dataclasses.replace(SHARD, blocks=SHARD.blocks[:1])
    assert write_sentence_shard(fewer, job)["bytes"] == 6
    assert (tmp_path / SHARD.name).read_bytes() == b"fire\n\n"


@pytest.mark.parametrize("spoilt", [b"en\nti\n\ntre\n\n", b"en\n"])
def test_a_damaged_block_is_told_and_its_item_done_again(job, tmp_path, spoilt):
    (tmp_path / "_work" / "texts" / "000000.txt").write_bytes(spoilt)
    with pytest.raises(UserError, match=r"000000\.txt was damaged after it had been written \(CRC-32C at byte 0\)"):
        write_sentence_shard(SHARD, job)
    assert not (tmp_path / SHARD.name).exists()
    assert [path.name for path in (tmp_path / "_work" / "segment").iterdir()] == ["000001.json"]


def test_the_row_is_json(job):
    row = write_sentence_shard(SHARD, job)
    assert json.loads(json.dumps(row)) == row


def test_removed_documents_are_left_out_and_other_ones_are_another_shard(job, tmp_path):
    (tmp_path / "_work/removed").mkdir()
    first, second = SHARD.blocks
    rows = []
    for number, (begin, end) in enumerate([(0, 7), (7, 12)]):
        (tmp_path / f"_work/removed/00000{number}.bin").write_bytes(np.array([(begin, end)], RUN).tobytes())
        whole = dataclasses.replace(
            second.block, bytes=12, documents=2, sentences=3, crc32c=crc(TEXTS["_work/texts/000000.txt"])
        )
        lost = LostText(end - begin, 1, 2 - number, (RunsPlace(number, 0, 1, f"crc {number}"),))
        blocks = (first, PlacedBlock(second.text, whole, lost))
        rows.append(write_sentence_shard(dataclasses.replace(SHARD, blocks=blocks), job))
        kept = b"tre\n\n" if number == 0 else b"en\nto\n\n"
        assert (tmp_path / SHARD.name).read_bytes() == b"fire\n\n" + kept
    assert [(row["records"], row["documents"], row["bytes"]) for row in rows] == [(2, 2, 11), (3, 2, 13)]


def test_a_block_without_kept_documents_is_in_no_shard(job):
    row = {
        "index": 0,
        "text": "_work/texts/000000.txt",
        "blocks": [second.to_json() for second in (SHARD.blocks[1].block, SHARD.blocks[1].block)],
    }
    removed = {"index": 0, "crc32c": "x", "blocks": [[0, "train", 1, 7, 1, 2, 24, 1]]}
    (shard,) = plan_shards_of_rows([row], job, [removed])
    assert [placed.lost for placed in shard.blocks] == [None]
    assert shard.bytes == 7
