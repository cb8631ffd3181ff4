"""Uploads of objects that appear completely or not at all, since stores show an object only after its last request.

A small file is a single request. A larger one is uploaded in parts while it is written, and the last request joins
them. A failed upload is aborted: no object appears, and an existing one stays unchanged.

The answer to a single request says what arrived: Google's the size and the CRC-32C of the object, that of S3 the
CRC-32C that it was sent and has compared with the bytes. So the store need not be asked again.
"""

import base64
import contextlib
import errno
import io
from typing import Any, Protocol

import google_crc32c

PART_BYTES = 16 << 20  # Google requires a multiple of 256 KiB, and S3 at least 5 MiB


class DamagedUploadError(OSError):
    """A store acknowledges other bytes than those that were sent. The object is there and must be removed."""

    def __init__(self, detail: str) -> None:
        super().__init__(errno.EIO, detail)


class _Parts(Protocol):
    def send(self, part: bytes) -> None: ...  # PART_BYTES bytes, with more to follow

    def finish(self, rest: bytes) -> int | None: ...  # the last part, of any size; then the object appears

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

    def publish(self) -> int | None:
        """Upload the rest, so that the object appears and replaces an earlier one of its name.

        Returns the size in bytes of the object as the store acknowledges it, or None if its answer does not say.
        Raises DamagedUploadError if it acknowledges other bytes than those written.
        """
        acknowledged = self._parts.finish(bytes(self._ahead))
        self.close()
        return acknowledged

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

    def finish(self, rest: bytes) -> int | None:
        if not self._upload:
            checksum = _crc32c(rest)  # computed here, because boto3 needs another library for it
            answer = self._client.put_object(
                **self._object, Body=rest, ChecksumAlgorithm="CRC32C", ChecksumCRC32C=checksum
            )
            arrived = answer.get("ChecksumCRC32C")
            if not arrived:  # a store that knows no CRC-32C
                return None
            _require_same(arrived, checksum)
            return len(rest)
        self.send(rest)
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(self._etags, 1)]
        with contextlib.suppress(self._client.exceptions.NoSuchUpload):
            # If an answer was lost and the client tried again, the upload no longer exists, but the object does. The
            # caller compares its size with the number of written bytes.
            self._client.complete_multipart_upload(**self._object, **self._upload, MultipartUpload={"Parts": parts})
        return None

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

    def finish(self, rest: bytes) -> int | None:
        if self._writer is None:
            self._blob.upload_from_string(rest, content_type="application/octet-stream")
            if self._blob.size == len(rest) and self._blob.crc32c:
                _require_same(self._blob.crc32c, _crc32c(rest))
            return self._blob.size
        self._writer.write(rest)
        self._writer.close()
        return None

    def abort(self) -> None:
        if self._writer is None:
            return
        self._writer.close = lambda: None  # Python closes the writer when it is collected, and this would publish
        with contextlib.suppress(Exception):
            self._writer.terminate()


def _crc32c(data: bytes) -> str:
    """CRC-32C as both stores write it: four bytes, the highest first, in base64."""
    return base64.b64encode(google_crc32c.Checksum(data).digest()).decode()


def _require_same(arrived: str, sent: str) -> None:
    if arrived != sent:
        raise DamagedUploadError(f"other bytes arrived than were sent (CRC-32C {arrived}, not {sent})")
