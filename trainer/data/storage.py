"""Where shards lie: a local folder, gs:// or s3://, behind four functions.

Object stores are read through smart_open and listed through their own clients, which follow STORAGE_EMULATOR_HOST and
AWS_ENDPOINT_URL_S3; TensorFlow's file system does neither and knows no s3://.
"""

import contextlib
import os
import uuid
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from beam_jobs.errors import UserError
from beam_jobs.storage.user_path import expand_user

_ENDPOINTS = {
    "gs": "STORAGE_EMULATOR_HOST",
    "s3": "AWS_ENDPOINT_URL_S3",
}  # variables that name another place of a store
_EXTRAS = {"gs": "gcp", "s3": "aws"}
_MISSING = ("NoSuchKey", "NoSuchBucket", "404")  # in what clients say of an object that is not there


def join(folder: str, name: str) -> str:
    """The file `name` in `folder`, a path or a URI."""
    return f"{folder.rstrip('/')}/{name}"


def list_files(folder: str) -> list[tuple[str, int]]:
    """(name relative to the folder, bytes) of every file below a folder, sorted; empty when nothing is there.

    UserError when it cannot be reached, or lies on a kind of store that is not known.
    """
    scheme = _scheme(folder)
    if not scheme:
        root = expand_user(folder.removeprefix("file://"))
        paths = (Path(where) / name for where, _, names in os.walk(root) for name in names)
        return sorted((path.relative_to(root).as_posix(), _size(path)) for path in paths)
    parts = urlsplit(folder)
    prefix = parts.path.strip("/") + "/" if parts.path.strip("/") else ""
    with _one_line_errors(folder):
        found = _list_gs(parts.netloc, prefix) if scheme == "gs" else _list_s3(parts.netloc, prefix)
        return sorted((name.removeprefix(prefix), size) for name, size in found if not name.endswith("/"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:  # a link to what is gone, or a file removed in this moment
        raise UserError(f"{path}: cannot be read ({error.strerror or error}); remove or restore it") from None


def open_stream(uri: str) -> BinaryIO:
    """A stream of a file's bytes as they are; FileNotFoundError or OSError when it cannot be opened."""
    scheme = _scheme(uri)
    if not scheme:
        return expand_user(uri.removeprefix("file://")).open("rb", buffering=0)
    import smart_open

    try:
        client = {"client": _client(scheme, _endpoint(scheme))}
        stream: Any = smart_open.open(uri, "rb", compression="disable", transport_params=client)
    except UserError:
        raise
    except Exception as error:  # the cloud clients raise classes of their own
        text = " ".join(str(error).split())
        missing = type(error).__name__ == "NotFound" or any(sign in text for sign in _MISSING)
        raise (FileNotFoundError if missing else OSError)(f"{uri}: {text}") from error
    return stream


def read_bytes(uri: str) -> bytes:
    """The whole of a small file; FileNotFoundError or OSError when it cannot be read."""
    with open_stream(uri) as stream:
        return stream.read()


def read_head(uri: str, size: int) -> bytes:
    """The first bytes of a file, at most `size`; UserError when it cannot be read."""
    try:
        with open_stream(uri) as stream:
            return stream.read(size)
    except OSError as error:
        raise UserError(
            f"{uri}: cannot be read ({error.strerror or error}); check the address and the rights"
        ) from None


def write_bytes(uri: str, data: bytes) -> None:
    """Write a small file; it appears whole or not at all. Whatever its store raises is an OSError."""
    scheme = _scheme(uri)
    if scheme:
        import smart_open

        try:
            with smart_open.open(
                uri, "wb", compression="disable", transport_params={"client": _client(scheme, _endpoint(scheme))}
            ) as stream:
                stream.write(data)
        except Exception as error:
            raise OSError(f"{uri}: {error}") from error
        return
    path = expand_user(uri.removeprefix("file://"))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}.tmp")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _scheme(uri: str) -> str:
    scheme = uri.partition("://")[0] if "://" in uri else ""
    if scheme == "file":
        return ""
    if scheme and scheme not in _EXTRAS:
        raise UserError(f"{uri}: unknown kind of address {scheme}://; use a path, gs:// or s3://")
    return scheme


def _endpoint(scheme: str) -> str:
    return os.environ.get(_ENDPOINTS[scheme], "")


@lru_cache
def _client(scheme: str, endpoint: str) -> Any:
    """One client per store and process: making one takes 0.15 s, and every lane opens its own streams.

    It reads `endpoint` from the environment itself.
    """
    try:
        if scheme == "s3":
            import boto3

            return boto3.client("s3")
        from google.cloud import storage  # type: ignore[attr-defined]
    except ImportError:
        raise UserError(f"reading {scheme}:// needs an extra: pip install 'beambert[{_EXTRAS[scheme]}]'") from None
    return storage.Client()


def _list_gs(bucket: str, prefix: str) -> Iterator[tuple[str, int]]:
    for blob in _client("gs", _endpoint("gs")).list_blobs(bucket, prefix=prefix):
        yield blob.name, blob.size


def _list_s3(bucket: str, prefix: str) -> Iterator[tuple[str, int]]:
    for page in _client("s3", _endpoint("s3")).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", ()):
            yield item["Key"], item["Size"]


@contextlib.contextmanager
def _one_line_errors(uri: str) -> Iterator[None]:
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # the cloud clients raise classes of their own
        text = " ".join(str(error).split())
        raise UserError(f"{uri}: cannot be listed ({text}); check the address and the credentials") from error
