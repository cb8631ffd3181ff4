"""What is asked of a store's client, by stand-ins; real requests are in test_files_remote.py."""

from types import SimpleNamespace

import pytest

from beam_jobs.storage import uploads
from beam_jobs.storage.uploads import DamagedUploadError, gs_upload, s3_upload


class S3:
    """A client that notes what it is asked for."""

    exceptions = SimpleNamespace(NoSuchUpload=KeyError)

    def __init__(self, answer=lambda given: {"ChecksumCRC32C": given["ChecksumCRC32C"]}):
        self.asked, self.answer = [], answer

    def create_multipart_upload(self, **given):
        self.asked.append("create")
        return {"UploadId": "u"}

    def upload_part(self, **given):
        self.asked.append((given["PartNumber"], given["Body"]))
        return {"ETag": f"e{given['PartNumber']}"}

    def put_object(self, **given):
        self.asked.append(("put", given["Bucket"], given["Key"], given["Body"]))
        return self.answer(given)

    def complete_multipart_upload(self, **given):
        self.asked.append(("complete", given["UploadId"], given["MultipartUpload"]["Parts"]))

    def abort_multipart_upload(self, **given):
        self.asked.append(("abort", given["UploadId"]))


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    monkeypatch.setattr(uploads, "PART_BYTES", 4)


def test_a_small_file_is_one_request():
    client = S3()
    upload = s3_upload(client, "b", "k")
    upload.write(b"1234")
    assert (client.asked, upload.tell()) == ([], 4)
    assert upload.publish() == 4
    assert client.asked == [("put", "b", "k", b"1234")]


def test_an_answer_that_says_nothing_of_the_bytes_proves_nothing():
    upload = s3_upload(S3(lambda given: {"ETag": "e"}), "b", "k")
    upload.write(b"1234")
    assert upload.publish() is None


def test_an_answer_with_another_checksum_is_an_error():
    upload = s3_upload(S3(lambda given: {"ChecksumCRC32C": "AAAAAA=="}), "b", "k")
    upload.write(b"1234")
    with pytest.raises(DamagedUploadError, match="other bytes arrived than were sent"):
        upload.publish()
    blob = Blob(lambda data: (len(data), "AAAAAA=="))
    upload = gs_upload(google(blob), "b", "k")
    upload.write(b"1234")
    with pytest.raises(DamagedUploadError, match="other bytes arrived than were sent"):
        upload.publish()


def test_a_larger_one_goes_up_in_parts_numbered_from_one():
    client = S3()
    upload = s3_upload(client, "b", "k")
    for data in (b"12", b"3456789", b"0"):
        upload.write(data)
    assert upload.tell() == 10
    upload.publish()
    parts = [{"PartNumber": number, "ETag": f"e{number}"} for number in (1, 2, 3)]
    assert client.asked == ["create", (1, b"1234"), (2, b"5678"), (3, b"90"), ("complete", "u", parts)]


@pytest.mark.parametrize(("written", "asked"), [(b"12", []), (b"123456", ["create", (1, b"1234"), ("abort", "u")])])
def test_what_went_up_is_removed_again(written, asked):
    client = S3()
    upload = s3_upload(client, "b", "k")
    upload.write(written)
    upload.abort()
    assert client.asked == asked


class Blob:
    """Google's, noting what it is asked for."""

    def __init__(self, acknowledged=lambda data: (len(data), "")):
        self.asked, self.acknowledged = [], acknowledged

    def upload_from_string(self, data, content_type):
        self.asked.append(("whole", data, content_type))
        self.size, self.crc32c = self.acknowledged(data)

    def open(self, mode, chunk_size, ignore_flush):
        self.asked.append(("open", chunk_size))
        return SimpleNamespace(
            write=lambda data: self.asked.append(data),
            close=lambda: self.asked.append("close"),
            terminate=lambda: self.asked.append("terminate"),
        )


def google(blob):
    return SimpleNamespace(bucket=lambda name: SimpleNamespace(blob=lambda key: blob))


def test_googles_client_does_the_same():
    blob = Blob()
    upload = gs_upload(google(blob), "b", "k")
    upload.write(b"1")
    assert upload.publish() == 1
    assert blob.asked == [("whole", b"1", "application/octet-stream")]
    blob = Blob()
    upload = gs_upload(google(blob), "b", "k")
    upload.write(b"123456")
    assert upload.publish() is None
    assert blob.asked == [("open", 4), b"1234", b"56", "close"]
    blob = Blob()
    upload = gs_upload(google(blob), "b", "k")
    upload.write(b"123456")
    upload.abort()
    assert blob.asked == [("open", 4), b"1234", "terminate"]
