"""Where files lie: local paths and URIs behind one set of names."""

import os
from pathlib import Path
from typing import Any

from beam_jobs.errors import UserError
from beam_jobs.storage.user_path import expand_user


def is_remote(uri: str) -> bool:
    """Whether `uri` names an object store (gs://, s3://, hdfs://, ...) and not a local path or file:// URI."""
    return "://" in uri and not uri.startswith("file://")


def local_path(uri: str) -> Path:
    """The path of a local file; `~` and file:// are understood. UserError for a name that no file can have."""
    if "\0" in uri:
        raise UserError(f"{uri!r} holds a zero byte, which no name of a file does")
    return expand_user(uri.removeprefix("file://"))


def absolute(uri: str) -> str:
    """`uri` such that another process finds the same file. UserError for an address of nothing, such as gs://."""
    if is_remote(uri) and not uri.partition("://")[2].strip("/"):
        raise UserError(f"{uri} names no bucket and no file; write it as in gs://bucket/folder")
    return uri if is_remote(uri) else os.path.abspath(local_path(uri))  # noqa: PTH100, resolve() would follow links


def join(folder: str, *parts: str) -> str:
    """`folder/part/part`, whether `folder` is a path or a URI, with or without a slash at its end."""
    return "/".join((folder.rstrip("/"), *(part.strip("/") for part in parts)))


def beam_file_systems() -> Any:
    """Beam's FileSystems, imported late: local runs of the helpers need not wait for it.

    A pipeline gives it the user's options; before there is one it gets the defaults, without which s3:// does not work.
    """
    from apache_beam.io.filesystems import FileSystems

    if FileSystems._pipeline_options is None:
        from apache_beam.options.pipeline_options import PipelineOptions

        FileSystems.set_options(PipelineOptions([]))
    return FileSystems
