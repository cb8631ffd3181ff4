"""Writes what one work item leaves out to a file of JSON lines in the work folder."""

from contextlib import ExitStack
from typing import Any, BinaryIO

import google_crc32c

from beam_jobs import storage
from beam_jobs.records import Filtered, Rejection


class RejectionFile:
    """A file of rejections, or of filtered documents. It is made when the first one is written."""

    def __init__(self, uri: str, temporary_folder: str, stack: ExitStack) -> None:
        """`stack` closes the file, which then gets its final name."""
        self.written = 0
        self._checksum = google_crc32c.Checksum()
        self._uri, self._temporary_folder, self._stack = uri, temporary_folder, stack
        self._stream: BinaryIO | None = None

    def write(self, entry: Rejection | Filtered) -> None:
        """Append one line."""
        if self._stream is None:
            self._stream = self._stack.enter_context(storage.atomic_writer(self._uri, self._temporary_folder))
        line = entry.to_json_line().encode("utf-8", "replace") + b"\n"
        self.written += len(line)
        self._checksum.update(line)
        self._stream.write(line)

    @property
    def wrote(self) -> list[Any]:
        """Size in bytes and CRC-32C of the file, in the form for `run_once`."""
        return [self.written, self._checksum.hexdigest().decode()]
