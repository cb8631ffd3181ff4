"""Object stores: Beam's clients, one per process, and smart_open's streams over them.

Beam's FileSystems make a client for every call, which takes 0.15 s of CPU on S3; a range of a few MB needs a dozen calls.
Stores other than gs:// and s3:// go through FileSystems.
"""

import base64
import errno
import os
from collections.abc import Sequence
from typing import Any, BinaryIO

from beam_jobs.storage.paths import beam_file_systems
from beam_jobs.storage.per_process import once_per_process

_DELETE_AT_ONCE = 500
_ENDPOINTS = {
    "gs": "STORAGE_EMULATOR_HOST",
    "s3": "AWS_ENDPOINT_URL_S3",
}  # variables that name another place of a store


def open_stream(uri: str, mode: str) -> BinaryIO:
    """A stream of the object's bytes as they are; `mode` is rb or wb."""
    import smart_open

    io = _io(uri)
    client = {} if io is None else {"client": io.client.client if uri.startswith("s3://") else io.client}
    stream: Any = smart_open.open(uri, mode, compression="disable", transport_params=client)
    return stream


def exists(uri: str) -> bool:
    """Whether there is an object of that name, or one below it."""
    io = _io(uri)
    if io is None:
        return beam_file_systems().exists(uri)
    return io.exists(uri) or bool(next(iter(io.list_files(uri.rstrip("/") + "/", with_metadata=True)), None))


def size(uri: str) -> int:
    """Bytes of an object; FileNotFoundError when it is not there."""
    io = _io(uri) or beam_file_systems().get_filesystem(uri)
    if not io.exists(uri):
        raise FileNotFoundError(errno.ENOENT, "no such object", uri)
    return io.size(uri)


def state(uri: str) -> tuple[int, str]:
    """Bytes of an object, and when it was last changed; FileNotFoundError when it is not there. One request."""
    io = _io(uri)
    if io is None:
        meta = beam_file_systems().get_filesystem(uri).metadata(uri)
        return meta.size_in_bytes, version_of(meta.last_updated_in_seconds)
    for path, (size, updated) in io.list_files(uri, with_metadata=True):
        if path == uri:
            return size, version_of(updated)
    raise FileNotFoundError(errno.ENOENT, "no such object", uri)


def version_of(updated: float | None) -> str:
    """What stands for the content of an object that was last changed at that time, in seconds; empty if it is not known."""
    return f"{updated:.6f}" if updated else ""


def crc32c(uri: str) -> str | None:
    """CRC-32C of an object in hex, where its store keeps one, as gs:// does; None elsewhere."""
    stored = _io(uri).checksum(uri) if uri.startswith("gs://") else None
    return base64.b64decode(stored).hex() if stored else None


def list_files(folder: str) -> list[tuple[str, int]]:
    """(URI, bytes) of every object below a folder, whose URI ends in a slash."""
    io = _io(folder)
    if io is None:
        found = beam_file_systems().match([folder + "**"])[0].metadata_list
        return [(meta.path, meta.size_in_bytes) for meta in found]
    return [(path, size) for path, (size, _) in io.list_files(folder, with_metadata=True)]


def rename(source: str, target: str, size_of_source: int) -> None:
    """Rename an object over `target`. When that fails but the source is gone and the target there, an earlier try has
    done it and only its answer was lost."""
    io = _io(source)
    try:
        if io is None:
            beam_file_systems().rename([source], [target])
        else:
            io.rename(source, target)
    except Exception:
        if exists(source) or not exists(target) or size(target) != size_of_source:
            raise


def delete(uris: Sequence[str]) -> None:
    """Remove objects; those that are not there are passed over."""
    for i in range(0, len(uris), _DELETE_AT_ONCE):
        beam_file_systems().delete(list(uris[i : i + _DELETE_AT_ONCE]))


def _io(uri: str) -> Any:
    scheme = uri.partition("://")[0]
    return _client(scheme, os.environ.get(_ENDPOINTS[scheme], "")) if scheme in _ENDPOINTS else None


@once_per_process
def _client(scheme: str, endpoint: str) -> Any:
    """Beam's GcsIO or S3IO, with the options that the user gave to Beam. It reads `endpoint` from the environment itself.

    Threads share it: the clients of Google and of boto3 inside allow that, and what Beam's own remember between calls
    (the position of a download) belongs to calls that we do not make.
    """
    options = beam_file_systems()._pipeline_options
    if scheme == "s3":
        from apache_beam.io.aws.s3io import S3IO

        return S3IO(options=options)
    from apache_beam.io.gcp.gcsio import GcsIO

    return GcsIO(pipeline_options=options)
