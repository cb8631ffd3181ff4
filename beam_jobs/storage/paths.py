"""Interprets the names of files: local paths, `~`, file://, gs:// and s3://; and, to be read only, https:// and hf://."""

import os
import re
from pathlib import Path
from urllib.parse import unquote

from beam_jobs.errors import UserError

STORES = ("gs", "s3")
READ_ONLY = ("http", "https", "hf")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://|(file):")


def scheme_of(uri: str) -> str:
    """A member of STORES or READ_ONLY; "" for a local path or a file: URI.

    Raises UserError for any other kind of address.
    """
    found = _SCHEME.match(uri)
    scheme = (found[1] or found[2]) if found else "file"
    if scheme in (*STORES, *READ_ONLY):
        return scheme
    if scheme != "file":
        raise UserError(
            f"{uri}: unknown kind of address {scheme}://; use a path, file://, gs:// or s3:// "
            "(what is only read may also be at https:// or hf://datasets/)"
        )
    return ""


def is_remote(uri: str) -> bool:
    """Whether `uri` is in an object store or on the web, not on this machine.

    UserError for an unknown kind of address.
    """
    return bool(scheme_of(uri))


def has_scheme(uri: str) -> bool:
    """Whether `uri` is a URI rather than a local path; `C:\\vocab.txt` is a path."""
    return "://" in uri or uri.startswith("file:")


def expand_user(path: str | Path) -> Path:
    """The path with a leading `~` or `~user` replaced by the home folder of that user. An unknown user stays as it is.

    `Path.expanduser` would raise RuntimeError instead, but a file may be called `~draft.txt`.
    """
    return Path(os.path.expanduser(path))  # noqa: PTH111


def local_path(uri: str) -> Path:
    """The path of a local file, also from `~` and file://. Raises UserError for a name that no file can have."""
    if "\0" in uri:
        raise UserError(f"{uri!r} holds a zero byte, which no name of a file does")
    if not uri.startswith("file:/"):
        return expand_user(uri)
    path = expand_user(uri.removeprefix("file:").removeprefix("//"))
    decoded = Path(unquote(str(path)))  # other tools write a space as %20
    return decoded if decoded != path and decoded.exists() and not path.exists() else path


def require_local(uri: str, problem: str) -> Path:
    """`local_path` of `uri`. If `uri` is remote, raises UserError with `problem`, which includes the remedy."""
    if is_remote(uri):
        raise UserError(f"{uri}: {problem}")
    return local_path(uri)


def absolute(uri: str) -> str:
    """`uri` in a form with which another process finds the same file. UserError for an empty address such as gs://."""
    if not is_remote(uri):
        return os.path.abspath(local_path(uri))  # noqa: PTH100, resolve() would follow links
    if not uri.partition("://")[2].strip("/"):
        raise UserError(f"{uri} names no bucket and no file; write it as in gs://bucket/folder")
    return uri


def join(folder: str, *parts: str) -> str:
    """`folder/part/part`. `folder` may be a path or a URI, with or without a slash at its end."""
    return "/".join((folder.rstrip("/"), *(part.strip("/") for part in parts)))
