"""Files of datasets on the Hugging Face hub, as hf://datasets/ORG/NAME/PATH, read with the hub's own client.

An address may name a revision, as in hf://datasets/ORG/NAME@REVISION/PATH. Private datasets need the token of `hf auth login` or
HF_TOKEN. Every exception of the client becomes an OSError; FileNotFoundError if there is no such file.
"""

import contextlib
import errno
from collections.abc import Iterator
from typing import Any

from beam_jobs.errors import UserError
from beam_jobs.storage.per_process import once_per_process
from beam_jobs.storage.retries import retried

Listed = tuple[str, int, str]
"""URI, bytes and version of a file: the digest of its content."""


def hub_state(uri: str) -> tuple[int, str]:
    """Size of a file in bytes, and its version. Raises FileNotFoundError if there is none."""
    with _as_os_error(uri):
        found = _client().info(_path(uri), refresh=True, expand_info=True)
    if found["type"] != "file":
        raise FileNotFoundError(errno.ENOENT, "no such file", uri)
    return found["size"], _version(found)


def hub_range(uri: str, offset: int, size: int) -> bytes:
    """At most `size` bytes at `offset` of a file; fewer only at its end."""

    def once() -> bytes:
        with _as_os_error(uri):
            end = min(offset + size, _client().info(_path(uri))["size"])
            return _client().cat_file(_path(uri), start=offset, end=end) if offset < end else b""

    return retried(once, what=uri)


def hub_files(pattern: str) -> list[Listed]:
    """The files that an address names: one, all below a folder, or those that a glob matches."""
    path = _path(pattern)
    with _as_os_error(pattern):
        if any(sign in path for sign in "*?["):
            found = _client().glob(path, detail=True)
        else:
            found = _client().find(path.rstrip("/"), detail=True, refresh=True)
    return sorted(
        (f"hf://{name}", entry["size"], _version(entry)) for name, entry in found.items() if entry["type"] == "file"
    )


def _path(uri: str) -> str:
    path = uri.removeprefix("hf://")
    parts = path.split("/")
    if parts[0] != "datasets" or len(parts) < 3 or not all(parts[1:3]):
        raise UserError(f"{uri}: text is read from hf://datasets/ORG/NAME, or from a folder or file of it")
    return path


def _version(entry: Any) -> str:
    lfs = entry.get("lfs")
    return str(lfs["sha256"] if lfs else entry.get("blob_id", ""))


@once_per_process
def _client() -> Any:
    try:
        from huggingface_hub import HfFileSystem
    except ImportError:
        raise UserError("reading hf:// needs the hub's client: pip install huggingface_hub") from None
    return HfFileSystem(skip_instance_cache=True)


@contextlib.contextmanager
def _as_os_error(uri: str) -> Iterator[None]:
    from huggingface_hub.errors import HTTPError

    try:
        yield
    except FileNotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, "no such file or dataset", uri) from error
    except (HTTPError, OSError) as error:
        raise OSError(errno.EIO, (str(error).strip() or type(error).__name__).splitlines()[0], uri) from error
