"""Reads and writes whole files anywhere. Errors are OSErrors, since the callers know the remedy.

A local file is never opened for writing under its final name, and an object appears only when its upload is complete.
"""

import contextlib
import errno
import io
import os
import uuid
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from beam_jobs.storage import object_store
from beam_jobs.storage.paths import READ_ONLY, STORES, is_remote, join, local_path, scheme_of
from beam_jobs.storage.read_only import open_read_only, read_only_state
from beam_jobs.storage.uploads import DamagedUploadError, Upload
from beam_jobs.storage.web import read_web

BUFFER_BYTES = 1 << 20


def open_stream(uri: str, start: int = 0, end: int = -1, buffering: int = BUFFER_BYTES) -> BinaryIO:
    """A stream of a file's bytes as stored, from `start` on. FileNotFoundError or OSError if it cannot be opened.

    `end` is where the caller expects to stop, so that an object store is asked for no more; see `RangeStream`. The
    stream goes on behind it.
    """
    scheme = scheme_of(uri)
    stream: BinaryIO
    if scheme in STORES:
        return io.BufferedReader(object_store.open_stream(uri, start, end), BUFFER_BYTES)
    if scheme in READ_ONLY and (scheme == "hf" or buffering):
        return io.BufferedReader(open_read_only(uri, start, end), BUFFER_BYTES)
    stream = io.BytesIO(read_web(uri)) if scheme else _open_local(uri, buffering)
    if start:
        stream.seek(start)
    return stream


def read_whole(uri: str) -> bytes:
    """The bytes of a small file as stored. FileNotFoundError if there is none, OSError if it cannot be read."""
    with open_stream(uri, buffering=0) as stream:
        return stream.read()


def read_if_there(uri: str) -> bytes | None:
    """`read_whole`, or None if there is no such file."""
    try:
        return read_whole(uri)
    except FileNotFoundError:
        return None


def write_whole(uri: str, data: bytes) -> None:
    """Write a small file, completely or not at all. Raises OSError if it cannot be written."""
    with whole_file(uri) as stream:
        stream.write(data)


def append_local(uri: str, text: str) -> None:
    """Add text to a file on this machine."""
    with local_path(uri).open("a", encoding="utf-8") as file:
        file.write(text)


@contextlib.contextmanager
def whole_file(uri: str, temporary_folder: str = "") -> Iterator[BinaryIO]:
    """A stream whose bytes appear as `uri` completely or not at all. Their size is checked first.

    After an exception `uri` is unchanged. A local file has a temporary name until it is complete; it is in
    `temporary_folder` (same file system), or hidden beside `uri`. A device or a pipe is written to directly. Raises
    OSError if the file cannot be written.
    """
    if is_remote(uri):
        with _uploaded(uri) as upload:
            yield cast(BinaryIO, upload)
        return
    path = local_path(uri)
    if path.exists() and not path.is_file() and not path.is_dir():  # /dev/null or a pipe must not give way to a file
        with path.open("wb") as device:
            yield device
        return
    folder, _, name = uri.rpartition("/")
    unique = f".{name}.{os.getpid()}-{uuid.uuid4().hex[:12]}.tmp"
    temporary = join(temporary_folder or (folder if folder or not uri.startswith("/") else "/") or ".", unique)
    try:
        stream = _create(temporary)
        try:
            yield stream
            written = stream.tell()
        except BaseException:
            with contextlib.suppress(Exception):
                stream.close()
            raise
        stream.close()
        _require_size(temporary, written)
        path.parent.mkdir(parents=True, exist_ok=True)
        local_path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(Exception):
            local_path(temporary).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _uploaded(uri: str) -> Iterator[Upload]:
    with object_store.as_os_error(uri):
        upload = object_store.upload(uri)
    try:
        yield upload
        written = upload.tell()
        with object_store.as_os_error(uri):
            acknowledged = upload.publish()
    except DamagedUploadError:
        _remove(uri)
        raise
    except BaseException:
        with contextlib.suppress(Exception):
            upload.abort()
        raise
    try:
        _require_size(uri, written, acknowledged)
    except OSError:
        _remove(uri)
        raise


def _remove(uri: str) -> None:
    with contextlib.suppress(Exception):
        object_store.delete([uri])


def _require_size(uri: str, written: int, arrived: int | None = None) -> None:
    """Raise OSError if `uri` has another size than `written`. It is asked for its size if `arrived` is None."""
    if arrived is None:
        arrived = _arrived(uri)
    if arrived != written:
        raise OSError(errno.EIO, f"{arrived} of {written} bytes arrived")


def _arrived(uri: str) -> int:
    if scheme_of(uri) in READ_ONLY:
        return read_only_state(uri)[0]
    return object_store.size(uri) if is_remote(uri) else local_path(uri).stat().st_size


def _open_local(uri: str, buffering: int) -> Any:
    return local_path(uri).open("rb", buffering=buffering)


def _create(uri: str) -> BinaryIO:
    path = local_path(uri)
    path.parent.mkdir(parents=True, exist_ok=True)
    return io.BufferedWriter(io.FileIO(path, "x"), BUFFER_BYTES)
