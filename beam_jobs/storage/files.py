"""All file access of the jobs, on local disks and in gs:// and s3://.

An error of a local disk that a user can mend is a UserError with the remedy. Errors of an object store are OSErrors,
because they may be temporary, and the runner tries again. The trainer and `vocab` know their own remedies, and use
`whole_files.py`.
"""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import google_crc32c

from beam_jobs.errors import EnvironmentUserError, UserError
from beam_jobs.storage import object_store
from beam_jobs.storage.decompress import compression_ending, open_decompressed
from beam_jobs.storage.disk_trouble import first_line
from beam_jobs.storage.paths import READ_ONLY, STORES, absolute, is_remote, join, local_path, scheme_of
from beam_jobs.storage.read_only import read_only_state
from beam_jobs.storage.whole_files import BUFFER_BYTES, open_stream, whole_file

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}


def open_input(uri: str, start: int = 0, end: int = -1) -> BinaryIO:
    """Open a file for reading, decompressed if its name ends in .gz, .bz2 or .zst.

    `start` is the first byte to read, and must be 0 for compressed files. `end` is where the caller expects to stop, so
    that an object store is asked for no more than that. Raises UserError if the file cannot be opened. Reading raises DamagedFileError if a compressed file is truncated or corrupt.
    """
    compressed = compression_ending(uri)
    if start and compressed:
        raise ValueError(f"{uri} is compressed and can only be read from its beginning")
    raw = _open_raw(uri, start, -1 if compressed else end)
    return open_decompressed(raw, uri) if compressed else raw


def _open_raw(uri: str, start: int = 0, end: int = -1) -> BinaryIO:
    try:
        return open_stream(uri, start, end)
    except OSError as error:
        if is_remote(uri):
            raise
        raise _read_error(error, uri) from error


@contextlib.contextmanager
def atomic_writer(uri: str, temporary_folder: str = "") -> Iterator[BinaryIO]:
    """A stream whose bytes appear as `uri` completely or not at all; see `whole_file`.

    `temporary_folder` is the `_work/tmp` of a job, which is removed at its end. Raises UserError for a full disk or a
    folder that cannot be written to. Exceptions of the body are passed on.
    """
    inside = False
    try:
        with whole_file(uri, temporary_folder) as stream:
            inside = True
            yield stream
            inside = False
    except OSError as error:
        full = error.errno in _DISK_FULL | {errno.EFBIG}
        if is_remote(uri) or (inside and not full):
            raise
        raise _write_error(error, uri) from error


def write_atomically(uri: str, data: bytes, temporary_folder: str = "") -> None:
    """Write a whole file with `atomic_writer`."""
    with atomic_writer(uri, temporary_folder) as stream:
        stream.write(data)


def read_bytes(uri: str) -> bytes:
    """The whole file as stored, not decompressed. Raises UserError if it cannot be read."""
    with _open_raw(uri) as stream:
        return stream.read()


def read_head(uri: str, size: int) -> bytes:
    """The first bytes of a file as stored, at most `size`. Raises UserError if it cannot be read."""
    try:
        with open_stream(uri, end=size) as stream:
            return stream.read(size)
    except OSError as error:
        raise UserError(
            f"{uri}: cannot be read ({error.strerror or error}); check the address and the rights"
        ) from None


def exists(uri: str) -> bool:
    """Whether there is a file or folder of this name. Raises UserError if its folder may not be read."""
    if scheme_of(uri) in READ_ONLY:
        try:
            return read_only_state(uri)[0] >= 0
        except FileNotFoundError:
            return False
        except OSError as error:
            raise UserError(f"{uri}: cannot be reached ({first_line(error)}); check the address") from error
    if is_remote(uri):
        return object_store.exists(uri)
    try:
        return local_path(uri).exists()
    except ValueError:  # a zero byte
        return False
    except OSError as error:
        if error.errno in _NOT_ALLOWED:
            raise _read_error(error, uri) from error
        return False  # too long a name for any file


def size(uri: str) -> int:
    """Size of a file in bytes, as stored. Raises FileNotFoundError if there is none."""
    if scheme_of(uri) in READ_ONLY:
        return read_only_state(uri)[0]
    return object_store.size(uri) if is_remote(uri) else local_path(uri).stat().st_size


def state(uri: str) -> tuple[int, str]:
    """Size of a file in bytes, as stored, and its version, which changes if the file is written again.

    The version is the time of the last change. Raises FileNotFoundError if there is no such file.
    """
    if scheme_of(uri) in READ_ONLY:
        return read_only_state(uri)
    if is_remote(uri):
        return object_store.state(uri)
    status = local_path(uri).stat()
    return status.st_size, str(status.st_mtime_ns)


def crc32c(uri: str) -> str:
    """CRC-32C of the bytes of a file as stored, in hex. The file is read for it, unless the store knows it."""
    known = object_store.crc32c(uri) if scheme_of(uri) in STORES else None
    if known is not None:
        return known
    checksum = google_crc32c.Checksum()
    with _open_raw(uri) as stream:
        while data := stream.read(BUFFER_BYTES):
            checksum.update(data)
    return checksum.hexdigest().decode()


def make_folder(uri: str) -> None:
    """Make a folder and those above it. Object stores need none. Raises UserError if this is not allowed."""
    if not is_remote(uri):
        with _translate_write_errors(uri):
            local_path(uri).mkdir(parents=True, exist_ok=True)


def list_files(uri: str) -> list[tuple[str, int]]:
    """(name relative to the folder, size in bytes) of every file below a folder, sorted; empty if there is none.

    Raises UserError if the folder cannot be listed.
    """
    if is_remote(uri):
        folder = absolute(uri).rstrip("/") + "/"
        try:
            found = object_store.list_files(folder)
        except OSError as error:
            reason = error.strerror or error
            raise UserError(f"{uri}: cannot be listed ({reason}); check the address and the credentials") from error
        return sorted((path.removeprefix(folder), size) for path, size in found if not path.endswith("/"))
    return [(name, _listed_size(local_path(uri) / name)) for name in list_folder(uri)]


def _listed_size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:  # a link to a missing file, or a file that was removed just now
        raise UserError(f"{path}: cannot be read ({error.strerror or error}); remove or restore it") from None


def list_folder(uri: str) -> list[str]:
    """Names of all files below a folder, relative to it, sorted; empty if there is no such folder."""
    if is_remote(uri):
        folder = absolute(uri).rstrip("/") + "/"
        return sorted(path.removeprefix(folder) for path, _ in object_store.list_files(folder))
    root = local_path(uri)
    return sorted(
        (Path(folder) / name).relative_to(root).as_posix() for folder, _, names in os.walk(root) for name in names
    )


def remove_folder(uri: str) -> None:
    """Remove a folder with everything below it, if it exists."""
    if is_remote(uri):
        delete(join(uri, name) for name in list_folder(uri))
    else:
        shutil.rmtree(local_path(uri), ignore_errors=True)


def remove_empty_folders(uri: str) -> None:
    """Remove a local folder and those below it, as far as they hold no file. Object stores have no folders."""
    if not is_remote(uri):
        for folder, _, _ in os.walk(local_path(uri), topdown=False):
            with contextlib.suppress(OSError):
                Path(folder).rmdir()


def move_folder(source: str, target: str) -> None:
    """Rename a folder within a file system or a store. `target` must be free. Raises OSError if it fails."""
    if is_remote(source):
        object_store.move([(join(source, name), join(target, name)) for name in list_folder(source)])
        return
    path = local_path(target)
    path.parent.mkdir(parents=True, exist_ok=True)
    local_path(source).rename(path)


def delete(uris: Iterable[str]) -> None:
    """Remove files, as far as they exist."""
    remote = []
    for uri in uris:
        if is_remote(uri):
            remote.append(uri)
        else:
            local_path(uri).unlink(missing_ok=True)
    object_store.delete(remote)


@contextlib.contextmanager
def _translate_write_errors(uri: str) -> Iterator[None]:
    """Turn errors of a local disk into UserErrors.

    Those of an object store may be temporary; the runner tries again.
    """
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
