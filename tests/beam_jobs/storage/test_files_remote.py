"""Object stores, on loopback (see conftest.py above)."""

import base64

import google_crc32c
import pytest

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.inputs.list_inputs import list_inputs
from beam_jobs.storage import uploads, whole_files
from beam_jobs.storage.clients import client_of


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


def test_an_upload_that_is_not_published_leaves_the_old_object(bucket, monkeypatch):
    monkeypatch.setattr(uploads, "PART_BYTES", 5 << 20)
    storage.write_atomically(f"{bucket}/kept/a.bin", b"old")
    for written in (b"new", bytes(11 << 20)):  # in one part, and in three
        with pytest.raises(RuntimeError), storage.atomic_writer(f"{bucket}/kept/a.bin") as stream:  # noqa: PT012
            stream.write(written)
            raise RuntimeError
        assert storage.read_bytes(f"{bucket}/kept/a.bin") == b"old"
    assert storage.list_folder(f"{bucket}/kept") == ["a.bin"]
    if bucket.startswith("s3://"):
        name = bucket.removeprefix("s3://")
        assert "Uploads" not in client_of("s3").list_multipart_uploads(Bucket=name)  # parts cost money until aborted


def test_a_file_of_several_parts_is_whole(bucket, monkeypatch):
    monkeypatch.setattr(uploads, "PART_BYTES", 5 << 20)
    for size in (5 << 20, (5 << 20) + 1, 12 << 20):
        data = bytes(i % 251 for i in range(1000)) * (size // 1000 + 1)
        with storage.atomic_writer(f"{bucket}/parts/a.bin") as stream:
            for at in range(0, size, 1 << 18):
                stream.write(data[at : min(at + (1 << 18), size)])
        assert storage.read_bytes(f"{bucket}/parts/a.bin") == data[:size]


def test_two_attempts_at_one_file_at_the_same_time(bucket, monkeypatch):
    """A runner may start a bundle a second time while the first try is still at work."""
    monkeypatch.setattr(uploads, "PART_BYTES", 5 << 20)
    uri, data = f"{bucket}/twice/a.bin", bytes(6 << 20)
    with storage.atomic_writer(uri) as first:
        first.write(data)
        with pytest.raises(RuntimeError), storage.atomic_writer(uri) as second:  # noqa: PT012
            second.write(data[: 6 << 19])
            raise RuntimeError
        assert not storage.exists(uri)
        with storage.atomic_writer(uri) as third:
            third.write(data)
        assert storage.read_bytes(uri) == data
    assert storage.read_bytes(uri) == data
    with pytest.raises(RuntimeError), storage.atomic_writer(uri):
        raise RuntimeError
    assert storage.read_bytes(uri) == data


def test_lost_bytes_are_found_and_removed(bucket, monkeypatch):
    """A store that keeps fewer bytes than it was sent, and says so in its answer or when it is asked."""
    uri = f"{bucket}/lost/a.txt"
    with monkeypatch.context() as patch:
        keep_a_byte_less(client_of(bucket.partition("://")[0]), patch)
        with pytest.raises(OSError, match=r"3 of 4 bytes arrived|other bytes arrived than were sent"):
            storage.write_atomically(uri, b"four")
    assert storage.list_folder(f"{bucket}/lost") == []
    monkeypatch.setattr(uploads, "PART_BYTES", 5 << 20)
    monkeypatch.setattr(whole_files, "_arrived", lambda uri: 3)
    with pytest.raises(OSError, match=f"3 of {6 << 20} bytes arrived"):
        storage.write_atomically(uri, bytes(6 << 20))
    assert storage.list_folder(f"{bucket}/lost") == []


def keep_a_byte_less(client, patch):
    """Let the client's store lose the last byte of every upload."""
    if hasattr(client, "meta"):
        put = client.put_object

        def short(Body, ChecksumCRC32C, **given):
            kept = Body[:-1]
            checksum = base64.b64encode(google_crc32c.Checksum(kept).digest()).decode()
            return put(Body=kept, ChecksumCRC32C=checksum, **given)

        patch.setattr(client, "put_object", short)
        return
    from google.cloud.storage.blob import Blob

    send = Blob.upload_from_string
    patch.setattr(Blob, "upload_from_string", lambda blob, data, **given: send(blob, data[:-1], **given))


def test_an_upload_whose_last_answer_was_lost_is_done(s3, monkeypatch):
    """boto3 asks again, and S3 says that it knows no such upload: the object is there."""
    monkeypatch.setattr(uploads, "PART_BYTES", 5 << 20)
    client = client_of("s3")
    complete = client.complete_multipart_upload

    def twice(**settings):
        complete(**settings)
        return complete(**settings)

    monkeypatch.setattr(client, "complete_multipart_upload", twice)
    storage.write_atomically(f"{s3}/again/a.bin", bytes(6 << 20))
    assert storage.size(f"{s3}/again/a.bin") == 6 << 20


def requests_of(client, monkeypatch):
    """What a client asks of its store from now on: the method, and for a large file the step."""
    asked = []
    if hasattr(client, "meta"):
        client.meta.events.register("before-call.s3", lambda model, **_: asked.append(model.name))
        return asked
    ask = client._http.request

    def noted(method, url, *given, **settings):
        asked.append(method)
        return ask(method, url, *given, **settings)

    monkeypatch.setattr(client._http, "request", noted)
    return asked


def test_what_one_shard_asks_of_a_store(bucket, monkeypatch):
    scheme = bucket.partition("://")[0]
    asked = requests_of(client_of(scheme), monkeypatch)
    with storage.atomic_writer(f"{bucket}/asked/train/shard.tfrecord", f"{bucket}/asked/_work/tmp") as stream:
        stream.write(bytes(1000))
    assert asked == {"s3": ["PutObject"], "gs": ["POST"]}[scheme]
    asked.clear()
    monkeypatch.setattr(uploads, "PART_BYTES", 5 << 20)
    with storage.atomic_writer(f"{bucket}/asked/train/shard.tfrecord", f"{bucket}/asked/_work/tmp") as stream:
        stream.write(bytes(11 << 20))
    in_parts = ["CreateMultipartUpload", *["UploadPart"] * 3, "CompleteMultipartUpload", "HeadObject"]
    assert asked == {"s3": in_parts, "gs": ["POST", "PUT", "PUT", "PUT", "GET"]}[scheme]
    assert storage.list_folder(f"{bucket}/asked") == ["train/shard.tfrecord"]
