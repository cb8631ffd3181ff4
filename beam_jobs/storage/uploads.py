"""Uploads of objects that appear completely or not at all, since stores show an object only after its last request.

A small file is a single request. A larger one is uploaded in parts while it is written, and the last request joins
them. A failed upload is aborted: no object appears, and an existing one stays unchanged.
"""

import contextlib
import io
from typing import Any, Protocol

PART_BYTES = 16 << 20  # Google requires a multiple of 256 KiB, and S3 at least 5 MiB


class _Parts(Protocol):
    def send(self, part: bytes) -> None: ...  # PART_BYTES bytes, with more to follow

    def finish(self, rest: bytes) -> None: ...  # the last part, of any size; then the object appears

    def abort(self) -> None: ...


class Upload(io.BufferedIOBase):
    """A stream into an object. `publish` makes the object appear; without it, closing the stream leaves nothing."""

    def __init__(self, parts: _Parts) -> None:
        self._parts, self._ahead, self._sent = parts, bytearray(), 0

    def writable(self) -> bool:
        """Always true."""
        return True

    def write(self, data: Any) -> int:
        """Add bytes. Every full part except the last is uploaded."""
        self._ahead += data
        while len(self._ahead) > PART_BYTES:
            part = bytes(self._ahead[:PART_BYTES])
            del self._ahead[:PART_BYTES]
            self._parts.send(part)
            self._sent += len(part)
        return len(data)

    def tell(self) -> int:
        """The number of bytes written."""
        return self._sent + len(self._ahead)

    def publish(self) -> None:
        """Upload the rest, so that the object appears and replaces an earlier one of its name."""
        self._parts.finish(bytes(self._ahead))
        self.close()

    def abort(self) -> None:
        """Abort the upload and remove what was uploaded so far."""
        self.close()
        self._parts.abort()


def s3_upload(client: Any, bucket: str, key: str) -> Upload:
    """An upload with a boto3 client."""
    return Upload(_S3Parts(client, bucket, key))


def gs_upload(client: Any, bucket: str, key: str) -> Upload:
    """An upload with a Google storage client."""
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
            # If an answer was lost and the client tried again, the upload no longer exists, but the object does. The
            # caller compares its size with the number of written bytes.
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
        self._writer.close = lambda: None  # Python closes the writer when it is collected, and this would publish
        with contextlib.suppress(Exception):
            self._writer.terminate()
