"""Opens every file of jobs, trainer and `vocab`: local paths, `~`, file://, gs:// and s3://, with one set of functions.

`files.py` is for the jobs, and raises a UserError for what a user can mend. `whole_files.py` is for callers that know
the remedy themselves, and raises an OSError. Importing this package loads neither Beam nor a client of an object store.
"""

from beam_jobs.storage.decompress import DamagedFileError
from beam_jobs.storage.files import (
    atomic_writer,
    crc32c,
    delete,
    exists,
    list_files,
    list_folder,
    make_folder,
    move_folder,
    open_input,
    read_bytes,
    read_head,
    remove_empty_folders,
    remove_folder,
    size,
    state,
    write_atomically,
)
from beam_jobs.storage.paths import absolute, join, local_path, require_local
from beam_jobs.storage.whole_files import append_local, open_stream, read_if_there, read_whole, write_whole

__all__ = [
    "DamagedFileError",
    "absolute",
    "append_local",
    "atomic_writer",
    "crc32c",
    "delete",
    "exists",
    "join",
    "list_files",
    "list_folder",
    "local_path",
    "make_folder",
    "move_folder",
    "open_input",
    "open_stream",
    "read_bytes",
    "read_head",
    "read_if_there",
    "read_whole",
    "remove_empty_folders",
    "remove_folder",
    "require_local",
    "size",
    "state",
    "write_atomically",
    "write_whole",
]
