"""Uploads that appear as a whole or not at all: an object store shows an object only when its last request has succeeded.

A file of one part is a single request. A larger one goes up in parts while it is written, and the last request joins
them. A failed upload is aborted: no object appears, and one that was there before stays as it was.
"""

import contextlib
import io
from typing import Any, Protocol

PART_BYTES = 16 << 20  # a multiple of 256 KiB, which Google asks for, and at least 5 MiB, which S3 asks for


class _Parts(Protocol):
    def send(self, part: bytes) -> None: ...  # PART_BYTES of them; there is more to come

    def finish(self, rest: bytes) -> None: ...  # the last part, of any size; the object appears

    def abort(self) -> None: ...


class Upload(io.BufferedIOBase):
    """A stream into an object. `publish` makes the object appear; a stream that is closed without it leaves nothing."""

    def __init__(self, parts: _Parts) -> None:
        self._parts, self._ahead, self._sent = parts, bytearray(), 0

    def writable(self) -> bool:
        """Always true."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes; every full part goes up, but for the last."""
        self._ahead += data
        while len(self._ahead) > PART_BYTES:
            part = bytes(self._ahead[:PART_BYTES])
            del self._ahead[:PART_BYTES]
            self._parts.send(part)
            self._sent += len(part)
        return len(data)

    def tell(self) -> int:
        """How many bytes were written."""
        return self._sent + len(self._ahead)

    def publish(self) -> None:
        """Send what is left: the object appears, in place of an earlier one of its name."""
        self._parts.finish(bytes(self._ahead))
        self.close()

    def abort(self) -> None:
        """Give the upload up; what went up so far is removed."""
        self.close()
        self._parts.abort()


def s3_upload(client: Any, bucket: str, key: str) -> Upload:
    """An upload by a boto3 client."""
    return Upload(_S3Parts(client, bucket, key))


def gs_upload(client: Any, bucket: str, key: str) -> Upload:
    """An upload by a Google storage client."""
    return Upload(_GsParts(client.bucket(bucket).blob(key)))


class _S3Parts:
    def __init__(self, client: Any, bucket: str, key: str) -> None:
        self._client, self._object = client, {"Bucket": bucket, "Key": key}
        self._upload: dict[str, str] = {}
        self._etags: list[str] = []

    def send(self, part: bytes) -> None:
        if not self._upload:
            self._upload = {"UploadId": self._client.create_multipart_upload(**self._object)["UploadId"]}
        number = len(self._etags) + 1
        answer = self._client.upload_part(**self._object, **self._upload, PartNumber=number, Body=part)
        self._etags.append(answer["ETag"])

    def finish(self, rest: bytes) -> None:
        if not self._upload:
            self._client.put_object(**self._object, Body=rest)
            return
        self.send(rest)
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(self._etags, 1)]
        with contextlib.suppress(self._client.exceptions.NoSuchUpload):
            # It is gone when the client tries again after an answer that was lost: then the object is there, and the
            # caller compares its size with what was written.
            self._client.complete_multipart_upload(**self._object, **self._upload, MultipartUpload={"Parts": parts})

    def abort(self) -> None:
        if self._upload:
            self._client.abort_multipart_upload(**self._object, **self._upload)


class _GsParts:
    def __init__(self, blob: Any) -> None:
        self._blob = blob
        self._writer: Any = None

    def send(self, part: bytes) -> None:
        if self._writer is None:
            self._writer = self._blob.open("wb", chunk_size=PART_BYTES, ignore_flush=True)
        self._writer.write(part)

    def finish(self, rest: bytes) -> None:
        if self._writer is None:
            self._blob.upload_from_string(rest, content_type="application/octet-stream")
            return
        self._writer.write(rest)
        self._writer.close()

    def abort(self) -> None:
        if self._writer is None:
            return
        self._writer.close = lambda: None  # Python closes what it collects, and closing would publish
        with contextlib.suppress(Exception):
            self._writer.terminate()
