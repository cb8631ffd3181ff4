"""Every file access of the jobs: local disks, gs:// and s3:// behind one set of functions, which are in `files.py`."""

from beam_jobs.storage.decompress import DamagedFileError
from beam_jobs.storage.files import (
    atomic_writer,
    crc32c,
    delete,
    exists,
    list_folder,
    make_folder,
    open_input,
    read_bytes,
    remove_folder,
    size,
    state,
    write_atomically,
)
from beam_jobs.storage.paths import absolute, join

__all__ = [
    "DamagedFileError",
    "absolute",
    "atomic_writer",
    "crc32c",
    "delete",
    "exists",
    "join",
    "list_folder",
    "make_folder",
    "open_input",
    "read_bytes",
    "remove_folder",
    "size",
    "state",
    "write_atomically",
]
