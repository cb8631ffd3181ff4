import os
import stat
import subprocess
import sys
import threading

import pytest

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.storage import clients, whole_files


def test_files_of_a_local_folder(tmp_path):
    (tmp_path / "b").mkdir()
    storage.write_whole(str(tmp_path / "b" / "c"), b"123")
    storage.write_whole(f"file://{tmp_path}/new/folder/a", b"1")
    assert storage.list_files(f"{tmp_path}/") == [("b/c", 3), ("new/folder/a", 1)]
    assert storage.read_whole(storage.join(str(tmp_path), "b/c")) == b"123"
    assert storage.list_files(str(tmp_path / "nowhere")) == []
    assert storage.read_if_there(str(tmp_path / "nowhere")) is None
    with pytest.raises(FileNotFoundError):
        storage.read_whole(str(tmp_path / "nowhere"))
    with pytest.raises(IsADirectoryError):
        storage.read_if_there(str(tmp_path))


def test_files_of_an_object_store(bucket):
    storage.write_whole(f"{bucket}/storage/b/c", b"123")
    storage.write_whole(f"{bucket}/storage/a", b"")
    storage.write_whole(f"{bucket}/storage-of-others", b"1")
    assert storage.list_files(f"{bucket}/storage") == [("a", 0), ("b/c", 3)]
    assert storage.list_files(f"{bucket}/nowhere/") == []
    assert storage.read_whole(f"{bucket}/storage/b/c") == b"123"
    assert storage.read_head(f"{bucket}/storage/b/c", 2) == b"12"
    assert storage.read_if_there(f"{bucket}/storage/d") is None
    with pytest.raises(FileNotFoundError):
        storage.read_whole(f"{bucket}/storage/d")
    storage.move_folder(f"{bucket}/storage/b", f"{bucket}/storage/moved")
    assert storage.list_files(f"{bucket}/storage") == [("a", 0), ("moved/c", 3)]
    storage.delete(f"{bucket}/storage/{name}" for name in ("a", "moved/c", "never/there"))
    assert storage.list_files(f"{bucket}/storage") == []


def test_a_bucket_that_is_not_there(s3):
    with pytest.raises(UserError, match=r"s3://no-such-bucket/x: cannot be listed \(.*NoSuchBucket"):
        storage.list_files("s3://no-such-bucket/x")
    with pytest.raises(FileNotFoundError):
        storage.read_whole("s3://no-such-bucket/x")


@pytest.mark.parametrize(
    "call", [storage.list_files, storage.read_whole, storage.exists, storage.absolute, storage.open_input]
)
def test_an_address_of_another_kind(call):
    with pytest.raises(UserError, match="hdfs://host/x: unknown kind of address hdfs://; use a path, file://, gs://"):
        call("hdfs://host/x")


@pytest.mark.parametrize("uri", ["gs://", "s3://", "s3:///x"])
@pytest.mark.parametrize("call", [storage.exists, storage.read_whole, storage.size, storage.list_folder])
def test_an_address_without_a_bucket(call, uri):
    with pytest.raises(UserError, match=f"{uri}.* names no bucket and no file; write it as in (gs|s3)://bucket/folder"):
        call(uri)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o400)
    storage.write_whole(str(path), b"new")  # a rename asks for no right on the file
    assert path.read_bytes() == b"new"
    with pytest.raises(FileExistsError):
        storage.write_whole(f"{path}/below", b"")


def test_a_pipe_or_a_device_is_written_to_and_stays(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()), daemon=True)
    reader.start()
    storage.write_whole(str(tmp_path / "pipe"), b"text")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    reader.join(30)
    assert read == [b"text"]
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


@pytest.mark.parametrize("difference", [-1, 1])
def test_a_file_of_another_size_than_was_written_never_gets_its_name(tmp_path, monkeypatch, difference):
    arrived = whole_files._arrived
    monkeypatch.setattr(whole_files, "_arrived", lambda uri: arrived(uri) + difference)
    with pytest.raises(OSError, match=rf"{3 + difference} of 3 bytes arrived"):
        storage.write_whole(str(tmp_path / "a"), b"new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("scheme", "library", "extra"), [("s3", "boto3", "aws"), ("gs", "google.cloud.storage", "gcp")]
)
def test_a_store_whose_client_is_not_installed(scheme, library, extra, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.setenv(clients._ENDPOINTS[scheme], "http://127.0.0.1:1")  # no client is kept for it
    with pytest.raises(UserError, match=rf"{scheme}:// needs an extra: pip install 'beambert\[{extra}\]'"):
        storage.read_whole(f"{scheme}://bucket/x")


def test_importing_it_loads_no_large_library():
    large = (
        "apache_beam",
        "tensorflow",
        "jax",
        "keras",
        "numba",
        "boto3",
        "google.cloud.storage",
        "smart_open",
        "etils",
    )
    code = f"import sys, beam_jobs.storage, vocab.vocabulary; print([name for name in {large} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")
