"""Uploads a folder of this machine to gs:// or s3:// as whole files."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.storage.disk_trouble import first_line
from beam_jobs.storage.in_order import in_order
from beam_jobs.storage.retries import retried

_AT_ONCE = 4
_COPY_BYTES = 1 << 20


def upload_files(folder: Path, uri: str, last: str = "") -> None:
    """Upload every file below `folder` to `uri`, that of the name `last` when all others are there.

    Transient errors are retried. Raises OSError if a file cannot be uploaded.
    """
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    others = [name for name in names if name != last]
    for _ in in_order(lambda name: _upload(folder / name, storage.join(uri, name)), others, _AT_ONCE):
        pass
    if last:
        _upload(folder / last, storage.join(uri, last))


@contextmanager
def uploaded_folder(uri: str, last: str) -> Iterator[Path]:
    """A folder on this machine that does not exist yet. What the block writes there is uploaded to `uri` at its end.

    The file `last` is the last one, so it says that all others are there. Raises UserError if there is anything at
    `uri`, or if it cannot be written to.
    """
    with _one_line(uri):
        there = retried(lambda: storage.list_folder(uri))
    if there:
        raise UserError(f"{uri}: already holds {there[0]}; name another --output, or remove that folder yourself")
    with tempfile.TemporaryDirectory(prefix="beambert-upload-") as above:
        folder = Path(above) / uri.rstrip("/").rpartition("/")[2]
        yield folder
        with _one_line(uri):
            upload_files(folder, uri, last)


@contextmanager
def _one_line(uri: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{uri}: cannot be written to ({first_line(error)}); check the address, the store and your rights"
        ) from error


def _upload(path: Path, uri: str) -> None:
    def copy() -> None:
        with path.open("rb") as source, storage.atomic_writer(uri) as target:
            shutil.copyfileobj(source, target, _COPY_BYTES)

    retried(copy)
