"""All operations on gs:// and s3://, each in as few requests as the store allows.

Every exception of a client becomes an OSError; FileNotFoundError if there is no such object or bucket.
"""

import base64
import contextlib
import errno
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from beam_jobs.errors import UserError
from beam_jobs.storage.clients import client_of
from beam_jobs.storage.paths import STORES, scheme_of
from beam_jobs.storage.range_stream import RangeStream
from beam_jobs.storage.ranges import gs_range, s3_range
from beam_jobs.storage.uploads import DamagedUploadError, Upload, gs_upload, s3_upload

_MISSING = ("NotFound", "NoSuchKey", "NoSuchBucket", "(404)")  # in the messages of clients about a missing object
_AT_ONCE = {"s3": 1000, "gs": 100}  # deletions in one request

Listed = tuple[str, int, datetime | None]
"""URI, bytes and time of the last change of an object."""


def open_stream(uri: str, start: int = 0, end: int = -1) -> RangeStream:
    """A seekable stream of the object's bytes as stored, from `start` on; see `RangeStream`. Its errors are OSErrors."""
    scheme, bucket, key = _parts(uri)
    client = client_of(scheme)
    once = gs_range if scheme == "gs" else s3_range

    def fetch(offset: int, length: int) -> bytes:
        with as_os_error(uri):
            return once(client, bucket, key, offset, length)

    return RangeStream(fetch, partial(size, uri), start, end)


def upload(uri: str) -> Upload:
    """A stream into a new object. The object appears when the stream is published; see `Upload`."""
    scheme, bucket, key = _parts(uri)
    client = client_of(scheme)
    return s3_upload(client, bucket, key) if scheme == "s3" else gs_upload(client, bucket, key)


def exists(uri: str) -> bool:
    """Whether there is an object of this name, or one below it."""
    with contextlib.suppress(FileNotFoundError):
        size(uri)
        return True
    with as_os_error(uri), contextlib.suppress(FileNotFoundError):
        return next(_listed(uri.rstrip("/") + "/", 1), None) is not None
    return False


def size(uri: str) -> int:
    """Size of an object in bytes, in one request. Raises FileNotFoundError if there is none."""
    scheme, bucket, key = _parts(uri)
    with as_os_error(uri):
        if scheme == "s3":
            return client_of(scheme).head_object(Bucket=bucket, Key=key)["ContentLength"]
        return _blob(uri).size


def state(uri: str) -> tuple[int, str]:
    """Size of an object in bytes and its version, in one request. Raises FileNotFoundError if there is none."""
    with as_os_error(uri):
        for path, size, updated in _listed(uri, 1):  # a name comes before all longer ones that begin with it
            if path == uri:
                return size, version_of(updated.timestamp() if updated else None)
    raise FileNotFoundError(errno.ENOENT, "no such object", uri)


def version_of(updated: float | None) -> str:
    """The version of an object that was last changed at this time, in seconds; empty if the time is not known."""
    return f"{updated:.6f}" if updated else ""


def crc32c(uri: str) -> str | None:
    """CRC-32C of an object in hex if its store knows it, as gs:// does, or else None."""
    if not uri.startswith("gs://"):
        return None
    with as_os_error(uri):
        stored = _blob(uri).crc32c
    return base64.b64decode(stored).hex() if stored else None


def list_files(folder: str) -> list[tuple[str, int]]:
    """(URI, size in bytes) of every object below a folder, whose URI ends in a slash."""
    with as_os_error(folder):
        return [(path, size) for path, size, _ in _listed(folder)]


def move(pairs: Sequence[tuple[str, str]]) -> None:
    """Rename objects within a bucket: all are copied, and then those with the old names are removed."""
    for source, target in pairs:
        scheme, bucket, key = _parts(source)
        client, new = client_of(scheme), _parts(target)[2]
        with as_os_error(source):
            if scheme == "s3":
                client.copy({"Bucket": bucket, "Key": key}, bucket, new)
            else:
                client.bucket(bucket).copy_blob(_blob(source), client.bucket(bucket), new)
    delete([source for source, _ in pairs])


def delete(uris: Sequence[str]) -> None:
    """Remove objects, as far as they exist."""
    by_bucket: dict[tuple[str, str], list[str]] = {}
    for uri in uris:
        scheme, bucket, key = _parts(uri)
        by_bucket.setdefault((scheme, bucket), []).append(key)
    for (scheme, bucket), keys in by_bucket.items():
        left, remove = iter(keys), _delete_s3 if scheme == "s3" else _delete_gs
        while some := list(islice(left, _AT_ONCE[scheme])):
            with as_os_error(f"{scheme}://{bucket}"):
                remove(bucket, some)


@contextlib.contextmanager
def as_os_error(uri: str) -> Iterator[None]:
    """Turn the exceptions of cloud clients, which have their own classes, into an OSError that names `uri`."""
    try:
        yield
    except (UserError, FileNotFoundError, DamagedUploadError):
        raise
    except Exception as error:
        text = " ".join(str(error).split()) or type(error).__name__
        code = str(getattr(error, "response", None) or getattr(error, "code", ""))
        if type(error).__name__ == "NotFound" or any(sign in text or sign in code for sign in _MISSING):
            raise FileNotFoundError(errno.ENOENT, text, uri) from error
        raise OSError(getattr(error, "errno", None) or errno.EIO, text, uri) from error


def _parts(uri: str) -> tuple[str, str, str]:
    """Scheme, bucket and name of an object."""
    scheme = scheme_of(uri)
    if scheme not in STORES:
        raise UserError(f"{uri}: {scheme}:// is only read, one file at a time; use a path, file://, gs:// or s3://")
    bucket, _, key = uri.partition("://")[2].partition("/")
    if not bucket:
        raise UserError(f"{uri} names no bucket and no file; write it as in {scheme}://bucket/folder")
    return scheme, bucket, key


def _blob(uri: str) -> Any:
    _, bucket, key = _parts(uri)
    found = client_of("gs").bucket(bucket).get_blob(key)
    if found is None:
        raise FileNotFoundError(errno.ENOENT, "no such object", uri)
    return found


def _listed(prefix: str, limit: int = 0) -> Iterator[Listed]:
    """The objects whose URIs begin with `prefix`, in the order of their names; at most `limit` if it is not 0."""
    scheme, bucket, key = _parts(prefix)
    client = client_of(scheme)
    if scheme == "gs":
        for blob in client.list_blobs(bucket, prefix=key, max_results=limit or None):
            yield f"gs://{bucket}/{blob.name}", blob.size, blob.updated
        return
    paging = {"PageSize": limit, "MaxItems": limit} if limit else {}
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key, PaginationConfig=paging):
        for item in page.get("Contents", ()):
            yield f"s3://{bucket}/{item['Key']}", item["Size"], item["LastModified"]


def _delete_s3(bucket: str, keys: Sequence[str]) -> None:
    client = client_of("s3")
    if len(keys) == 1:
        client.delete_object(Bucket=bucket, Key=keys[0])
        return
    answer = client.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True})
    for error in answer.get("Errors", ()):
        if error.get("Code") != "NoSuchKey":
            raise OSError(
                errno.EIO, f"{error.get('Code')}: {error.get('Message')}", f"s3://{bucket}/{error.get('Key')}"
            )


def _delete_gs(bucket: str, keys: Sequence[str]) -> None:
    client = client_of("gs")
    with client.batch(raise_exception=False) as batch:
        for key in keys:
            client.bucket(bucket).delete_blob(key)
    for key, answer in zip(keys, batch._responses, strict=True):
        if answer.status_code >= 400 and answer.status_code != 404:
            raise OSError(errno.EIO, f"HTTP {answer.status_code}: cannot be removed", f"gs://{bucket}/{key}")
