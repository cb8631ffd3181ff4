"""The object stores, on loopback: moto for s3://, the GCS emulator for gs://."""

import os
import socket
import time

import pytest

from beam_jobs.transforms import storage
from vocab.errors import UserError

BUCKET = "corpora"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="module")
def s3():
    server_module = pytest.importorskip("moto.server")
    boto3 = pytest.importorskip("boto3")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield f"s3://{BUCKET}"
    server.stop()


@pytest.fixture(scope="module")
def gs():
    emulator = pytest.importorskip("gcp_storage_emulator.server")
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage as gcs

    port = free_port()
    server = emulator.create_server("127.0.0.1", port, in_memory=True, default_bucket=BUCKET)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
        patch.setenv("GOOGLE_CLOUD_PROJECT", "test")
        patch.setattr("google.auth.default", lambda *args, **kwargs: (AnonymousCredentials(), "test"))
        client = gcs.Client(credentials=AnonymousCredentials(), project="test")
        for _ in range(50):
            try:
                client.list_buckets(timeout=1)
                break
            except Exception:
                time.sleep(0.1)
        yield f"gs://{BUCKET}"
    server.stop()


@pytest.fixture(params=["s3", "gs"])
def bucket(request):
    return request.getfixturevalue(request.param)


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
    found = storage.list_inputs([folder], [".txt"])
    assert [(f.name, f.size) for f in found] == [("b.txt.gz", 25), ("train/a.txt", 10)]
    assert [f.name for f in storage.list_inputs([f"{folder}/*/*.txt", f"{folder}/b.txt.gz"], [".txt"])] == [
        "b.txt.gz",
        "train/a.txt",
    ]
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
        storage.list_inputs([f"{bucket}/missing/*.txt"], [".txt"])
    with pytest.raises(FileNotFoundError):
        storage.size(f"{bucket}/missing")
    assert os.environ  # the fixtures' environment is undone at the module's end


def test_a_retried_rename_that_was_done_is_done(bucket, monkeypatch):
    """The source is gone, the target is there: the first try went through but its answer was lost."""
    from apache_beam.io.filesystem import BeamIOError

    file_systems = storage.beam_file_systems()
    rename = file_systems.rename

    def answer_lost(sources, targets):
        rename(sources, targets)
        raise BeamIOError("the answer was lost")

    monkeypatch.setattr(file_systems, "rename", answer_lost)
    storage.write_atomically(f"{bucket}/again/a.txt", b"text")
    assert storage.list_folder(f"{bucket}/again") == ["a.txt"]

    def fails(sources, targets):
        raise BeamIOError("refused")

    monkeypatch.setattr(file_systems, "rename", fails)
    with pytest.raises(BeamIOError):
        storage.write_atomically(f"{bucket}/again/b.txt", b"text")
    assert storage.list_folder(f"{bucket}/again") == ["a.txt"]
