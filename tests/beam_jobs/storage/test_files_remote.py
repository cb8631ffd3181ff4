"""Object stores, on loopback (see conftest.py above)."""

import google_crc32c
import pytest

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.inputs.list_inputs import list_inputs
from beam_jobs.storage import object_store


def test_write_read_list_remove(bucket, compressors):
    folder = f"{bucket}/out"
    storage.make_folder(folder)
    storage.write_atomically(f"{folder}/train/a.txt", b"0123456789", f"{folder}/_work/tmp")
    storage.write_atomically(f"{folder}/b.txt.gz", compressors[".gz"](b"text\n"), f"{folder}/_work/tmp")
    assert storage.list_folder(folder) == ["b.txt.gz", "train/a.txt"]
    assert storage.size(f"{folder}/train/a.txt") == 10
    assert storage.exists(f"{folder}/train/a.txt")
    assert not storage.exists(f"{folder}/train/x.txt")
    with storage.open_input(f"{folder}/train/a.txt", 4) as stream:
        assert stream.read(3) == b"456"
    with storage.open_input(f"{folder}/b.txt.gz") as stream:
        assert stream.read() == b"text\n"
    assert storage.read_bytes(f"{folder}/train/a.txt") == b"0123456789"
    found = list_inputs([folder], [".txt"])
    assert [(f.name, f.size) for f in found] == [("b.txt.gz", 25), ("train/a.txt", 10)]
    assert [f.name for f in list_inputs([f"{folder}/*/*.txt", f"{folder}/b.txt.gz"], [".txt"])] == [
        "b.txt.gz",
        "train/a.txt",
    ]
    assert [storage.state(f.uri) for f in found] == [(f.size, f.version) for f in found]
    assert all(f.version for f in found)
    assert storage.crc32c(f"{folder}/train/a.txt") == google_crc32c.Checksum(b"0123456789").hexdigest().decode()
    storage.remove_folder(f"{folder}/train")
    assert storage.list_folder(folder) == ["b.txt.gz"]
    storage.remove_folder(folder)


def test_an_exception_leaves_nothing(bucket):
    with pytest.raises(RuntimeError), storage.atomic_writer(f"{bucket}/out/shard.txt") as stream:  # noqa: PT012
        stream.write(b"half")
        raise RuntimeError
    assert storage.list_folder(f"{bucket}/out") == []


def test_nothing_there(bucket):
    with pytest.raises(UserError, match=r"missing/\*\.txt matches no file"):
        list_inputs([f"{bucket}/missing/*.txt"], [".txt"])
    with pytest.raises(FileNotFoundError):
        storage.size(f"{bucket}/missing")
    with pytest.raises(FileNotFoundError):
        storage.state(f"{bucket}/missing")


def test_a_retried_rename_that_was_done_is_done(bucket, monkeypatch):
    """The source is gone, the target is there: the first try went through but its answer was lost."""
    client = object_store._io(bucket)
    rename = client.rename

    def answer_lost(source, target):
        rename(source, target)
        raise ConnectionError("the answer was lost")

    monkeypatch.setattr(client, "rename", answer_lost)
    storage.write_atomically(f"{bucket}/again/a.txt", b"text")
    assert storage.list_folder(f"{bucket}/again") == ["a.txt"]

    def fails(source, target):
        raise ConnectionError("refused")

    monkeypatch.setattr(client, "rename", fails)
    with pytest.raises(ConnectionError):
        storage.write_atomically(f"{bucket}/again/b.txt", b"text")
    assert storage.list_folder(f"{bucket}/again") == ["a.txt"]
