import json

from beam_jobs.execution.shard_row import shard_of, shard_row
from beam_jobs.records import Shard

SHARD = Shard("dev/sentences-00000-of-00001.txt", "dev", 3, 2, 4, "0a0b0c0d", "11111111")


def test_a_row_holds_the_shard_what_is_added_and_its_file():
    assert shard_row(7, SHARD, bytes_in=9) == {
        "index": 7,
        "name": "dev/sentences-00000-of-00001.txt",
        "split": "dev",
        "records": 3,
        "documents": 2,
        "bytes": 4,
        "crc32c": "0a0b0c0d",
        "content_crc32c": "11111111",
        "bytes_in": 9,
        "wrote": {"dev/sentences-00000-of-00001.txt": [4, "0a0b0c0d"]},
    }


def test_the_shard_comes_back_from_a_row_that_was_written_as_json():
    row = json.loads(json.dumps(shard_row(7, SHARD, bytes_in=9)))
    assert shard_of({**row, "made_from": "x"}) == SHARD


def test_a_row_of_a_version_without_checksums_of_content_is_read():
    row = shard_row(7, SHARD)
    del row["content_crc32c"]
    assert shard_of(row).content_crc32c == ""
