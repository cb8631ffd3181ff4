import pytest

from beam_jobs.errors import UserError
from trainer.data import storage
from trainer.data.frames import ShardStream


def test_files_of_a_local_folder(tmp_path):
    (tmp_path / "b").mkdir()
    storage.write_bytes(str(tmp_path / "b" / "c"), b"123")
    storage.write_bytes(f"file://{tmp_path}/new/folder/a", b"1")
    assert storage.list_files(f"{tmp_path}/") == [("b/c", 3), ("new/folder/a", 1)]
    assert storage.read_bytes(storage.join(str(tmp_path), "b/c")) == b"123"
    assert storage.list_files(str(tmp_path / "nowhere")) == []
    with pytest.raises(FileNotFoundError):
        storage.read_bytes(str(tmp_path / "nowhere"))


def test_files_of_an_object_store(bucket):
    storage.write_bytes(f"{bucket}/storage/b/c", b"123")
    storage.write_bytes(f"{bucket}/storage/a", b"")
    storage.write_bytes(f"{bucket}/storage-of-others", b"1")
    assert storage.list_files(f"{bucket}/storage") == [("a", 0), ("b/c", 3)]
    assert storage.list_files(f"{bucket}/nowhere/") == []
    assert storage.read_bytes(f"{bucket}/storage/b/c") == b"123"
    with pytest.raises(FileNotFoundError):
        storage.read_bytes(f"{bucket}/storage/d")
    with pytest.raises(UserError, match="no such shard"):
        ShardStream(f"{bucket}/storage/d")


def test_a_bucket_that_is_not_there(s3):
    with pytest.raises(UserError, match=r"s3://no-such-bucket/x: cannot be listed \(.*NoSuchBucket"):
        storage.list_files("s3://no-such-bucket/x")


def test_an_address_of_another_kind():
    with pytest.raises(UserError, match="unknown kind of address hdfs://"):
        storage.list_files("hdfs://somewhere")
