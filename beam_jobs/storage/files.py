"""All file access of the jobs: local disks, gs:// and s3:// behind one set of functions.

Nothing is ever opened for writing under its final name: see `atomic_writer`.
"""

import contextlib
import errno
import io
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import google_crc32c

from beam_jobs.errors import EnvironmentUserError, UserError
from beam_jobs.storage import object_store
from beam_jobs.storage.decompress import compression_ending, open_decompressed
from beam_jobs.storage.paths import is_remote, join, local_path

_BUFFER_BYTES = 1 << 20
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}


def open_input(uri: str, start: int = 0) -> BinaryIO:
    """Open a file for reading, decompressed when its name ends in .gz, .bz2 or .zst.

    `start` is the byte to begin at and must be 0 for compressed files. Raises UserError when the file cannot be opened;
    reading a truncated or corrupt compressed file raises DamagedFileError.
    """
    compressed = compression_ending(uri)
    if start and compressed:
        raise ValueError(f"{uri} is compressed and can only be read from its beginning")
    raw = _open_raw(uri, start)
    return open_decompressed(raw, uri) if compressed else raw


def _open_raw(uri: str, start: int) -> BinaryIO:
    if is_remote(uri):
        try:
            stream = object_store.open_stream(uri, "rb")
        except (NotImplementedError, ImportError) as error:
            raise UserError(f"{uri}: no such kind of address here: {' '.join(str(error).split())}") from error
    else:
        try:
            stream = local_path(uri).open("rb", buffering=_BUFFER_BYTES)
        except OSError as error:
            raise _read_error(error, uri) from error
    if start:
        stream.seek(start)
    return stream


@contextlib.contextmanager
def atomic_writer(uri: str, temporary_folder: str = "") -> Iterator[BinaryIO]:
    """A stream whose bytes appear under `uri` complete or not at all: temporary name, close, check the size, rename.

    The temporary file lies in `temporary_folder` (same file system; a job's `_work/tmp`, removed with it), by default
    hidden beside `uri`. After an exception it is removed and `uri` is as it was before. A full disk or a folder that may
    not be written to is a UserError.
    """
    folder, _, name = uri.rpartition("/")
    unique = f".{name}.{os.getpid()}-{uuid.uuid4().hex[:12]}.tmp"
    temporary = join(temporary_folder or folder or ".", unique)
    try:
        with _translate_write_errors(uri):
            stream = _create(temporary)
        try:
            yield stream
            written = stream.tell()
        except BaseException as error:
            # Closing an object-store upload would publish the partial object: abort it where the stream can.
            with contextlib.suppress(Exception):
                stream.__exit__(type(error), error, error.__traceback__)
            if isinstance(error, OSError) and error.errno in _DISK_FULL | {errno.EFBIG}:
                raise _write_error(error, uri) from error
            raise
        with _translate_write_errors(uri):
            stream.close()
            if size(temporary) != written:
                raise OSError(errno.EIO, f"{size(temporary)} of {written} bytes arrived")
            _rename(temporary, uri, written)
    except BaseException:
        with contextlib.suppress(Exception):
            delete([temporary])
        raise


def write_atomically(uri: str, data: bytes, temporary_folder: str = "") -> None:
    """Write a whole file by `atomic_writer`."""
    with atomic_writer(uri, temporary_folder) as stream:
        stream.write(data)


def read_bytes(uri: str) -> bytes:
    """The whole file as it is, not decompressed; UserError when it cannot be read."""
    with _open_raw(uri, 0) as stream:
        return stream.read()


def exists(uri: str) -> bool:
    """Whether a file or folder of that name is there; UserError where one may not look."""
    if is_remote(uri):
        try:
            return object_store.exists(uri)
        except ValueError as error:  # Beam knows no file system for it
            raise UserError(f"{uri}: no such kind of address here: {' '.join(str(error).split())}") from error
    try:
        return local_path(uri).exists()
    except ValueError:  # a zero byte
        return False
    except OSError as error:
        if error.errno in _NOT_ALLOWED:
            raise _read_error(error, uri) from error
        return False  # no file can have this name: it is too long


def size(uri: str) -> int:
    """Bytes of a file, as stored; FileNotFoundError when it is not there."""
    return object_store.size(uri) if is_remote(uri) else local_path(uri).stat().st_size


def state(uri: str) -> tuple[int, str]:
    """Bytes of a file as stored, and its version: another one means that it was written again since.

    The version is the time of the last change. FileNotFoundError when the file is not there.
    """
    if is_remote(uri):
        return object_store.state(uri)
    status = local_path(uri).stat()
    return status.st_size, str(status.st_mtime_ns)


def crc32c(uri: str) -> str:
    """CRC-32C of a file's bytes as stored, in hex. Read from the file, unless its store keeps it."""
    known = object_store.crc32c(uri) if is_remote(uri) else None
    if known is not None:
        return known
    checksum = google_crc32c.Checksum()
    with _open_raw(uri, 0) as stream:
        while data := stream.read(_BUFFER_BYTES):
            checksum.update(data)
    return checksum.hexdigest().decode()


def make_folder(uri: str) -> None:
    """Make a folder and those above it; object stores need none. UserError where that is not allowed."""
    if not is_remote(uri):
        with _translate_write_errors(uri):
            local_path(uri).mkdir(parents=True, exist_ok=True)


def list_folder(uri: str) -> list[str]:
    """Names of all files below a folder, relative to it, sorted; empty when the folder is not there."""
    if is_remote(uri):
        folder = uri.rstrip("/") + "/"
        return sorted(path.removeprefix(folder) for path, _ in object_store.list_files(folder))
    root = local_path(uri)
    return sorted(
        (Path(folder) / name).relative_to(root).as_posix() for folder, _, names in os.walk(root) for name in names
    )


def remove_folder(uri: str) -> None:
    """Remove a folder and all below it; nothing happens when it is not there."""
    if is_remote(uri):
        delete(join(uri, name) for name in list_folder(uri))
    else:
        shutil.rmtree(local_path(uri), ignore_errors=True)


def delete(uris: Iterable[str]) -> None:
    """Remove files; those that are not there are passed over."""
    remote = []
    for uri in uris:
        if is_remote(uri):
            remote.append(uri)
        else:
            local_path(uri).unlink(missing_ok=True)
    object_store.delete(remote)


def _create(uri: str) -> BinaryIO:
    if is_remote(uri):
        return object_store.open_stream(uri, "wb")
    path = local_path(uri)
    path.parent.mkdir(parents=True, exist_ok=True)
    return io.BufferedWriter(io.FileIO(path, "x"), _BUFFER_BYTES)


def _rename(source: str, target: str, size_of_source: int) -> None:
    if is_remote(target):
        object_store.rename(source, target, size_of_source)
    else:
        path = local_path(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        local_path(source).replace(path)


@contextlib.contextmanager
def _translate_write_errors(uri: str) -> Iterator[None]:
    """A local disk's errors are the user's to mend; an object store's may pass, and the runner tries again."""
    try:
        yield
    except OSError as error:
        if is_remote(uri):
            raise
        raise _write_error(error, uri) from error


def _write_error(error: OSError, uri: str) -> UserError:
    reason = error.strerror or str(error)
    if error.errno in _DISK_FULL:
        return EnvironmentUserError(
            f"disk full while writing {uri}: free some space and run the same command again (it resumes), "
            "or choose an --output elsewhere"
        )
    if error.errno in _NOT_ALLOWED:
        return EnvironmentUserError(f"cannot write {uri}: {reason}; choose an --output that you may write to")
    return EnvironmentUserError(
        f"cannot write {uri}: {reason}; check --output and run the same command again (it resumes)"
    )


def _read_error(error: OSError, uri: str) -> UserError:
    if error.errno in _NOT_ALLOWED:
        return EnvironmentUserError(f"cannot read {uri}: {error.strerror}; check its permissions")
    return UserError(f"cannot read {uri}: {error.strerror or error}; check --input")
