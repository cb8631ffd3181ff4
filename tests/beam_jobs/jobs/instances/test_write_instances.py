"""One instance shard is one call: what fails leaves nothing behind, what is done is not done again."""

import gzip
from pathlib import Path

import google_crc32c
import pytest

from beam_jobs.errors import UserError
from beam_jobs.jobs.instances.job import InstanceJob, open_job
from beam_jobs.jobs.instances.plan_instances import InstanceItem, SentenceRange
from beam_jobs.jobs.instances.write_instances import write_instance_shard
from beam_jobs.settings import InstanceSettings

PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    ".",
    "##s",
]


@pytest.fixture
def job(tmp_path: Path) -> InstanceJob:
    (tmp_path / "vocab.txt").write_text("\n".join(PIECES) + "\n")
    settings = InstanceSettings(
        input=(str(tmp_path),), output=str(tmp_path / "out"), vocab_file=str(tmp_path / "vocab.txt")
    )
    job, vocabulary = open_job(settings, "input", 1, 0.0)
    (tmp_path / "out").mkdir()
    Path(job.vocabulary_path).write_bytes(vocabulary)
    return job


def _item(path: Path, index: int = 0) -> InstanceItem:
    size = path.stat().st_size
    name = f"instances-{index:05}-of-00009.tfrecord.gz"
    return InstanceItem(index, name, "default", size, (SentenceRange(str(path), path.name, 0, -1, size),))


def _text(documents: int) -> bytes:
    return b"".join(f"one two three {i % 7} .\nfour fives six seven .\n\n".encode() for i in range(documents))


def test_the_row_tells_of_the_file(job: InstanceJob, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(_text(100))
    row = write_instance_shard(_item(path), job)
    written = (tmp_path / "out" / row["name"]).read_bytes()
    assert row["bytes"] == len(written)
    assert row["content_crc32c"] == google_crc32c.Checksum(gzip.decompress(written)).hexdigest().decode()
    assert row["crc32c"] == google_crc32c.Checksum(written).hexdigest().decode()
    assert row["records"] == row["counts"]["instances"] == row["progress"]["instances"] > 0
    assert row["documents"] == 100
    assert row["progress"]["bytes"] == row["bytes_in"]


def test_what_is_done_is_not_done_again_unless_it_is_gone(job: InstanceJob, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(_text(100))
    item = _item(path)
    row = write_instance_shard(item, job)
    file = tmp_path / "out" / item.name
    first = (file.stat().st_mtime_ns, file.read_bytes())
    assert write_instance_shard(item, job) == row
    assert file.stat().st_mtime_ns == first[0]
    file.write_bytes(first[1][:-1])
    assert write_instance_shard(item, job) == row
    assert file.read_bytes() == first[1]


def test_a_shard_that_fails_half_way_leaves_nothing_for_the_next(job: InstanceJob, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt.gz"
    good.write_bytes(_text(100))
    bad.write_bytes(gzip.compress(_text(200_000))[:-100])
    expected = write_instance_shard(_item(good, 1), job)
    Path(job.output, expected["name"]).unlink()
    with pytest.raises(UserError, match=r"bad\.txt\.gz is damaged"):
        write_instance_shard(_item(bad, 0), job)
    assert write_instance_shard(_item(good, 1), job) == expected
    assert [path.name for path in Path(job.output).glob("*.tfrecord*")] == [expected["name"]]


def test_a_vocabulary_that_was_changed_behind_the_job(job: InstanceJob, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(_text(10))
    Path(job.vocabulary_path).write_text("\n".join([*PIECES, "more"]) + "\n")
    with pytest.raises(UserError, match=r"vocab\.txt has changed"):
        write_instance_shard(_item(path), job)
