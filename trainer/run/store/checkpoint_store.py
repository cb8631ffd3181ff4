"""Keeps checkpoints in gs:// or s3://. They are written and read on the local disk, and copied as whole files.

Orbax does not write to s3://, and writes to gs:// in a way of its own. Here both work alike: the files of a finished
checkpoint are uploaded, and last of all the marker. A folder without the marker is no checkpoint. Where several hosts
train together, the first one writes, and each reads for itself.
"""

import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.storage.disk_trouble import first_line
from beam_jobs.storage.in_order import in_order
from beam_jobs.storage.retries import retried
from trainer.devices.hosts import any_host
from trainer.export.upload_files import upload_files

MARKER_NAME = "commit_success.txt"  # as Orbax calls it in object stores

_AT_ONCE = 4  # files of one checkpoint
_COPY_BYTES = 1 << 20
_STEP = re.compile(r"(\d+)/(.+)")


class CheckpointStore:
    """The checkpoints below `folder`, an address in a store. `local` is a folder for the one that is read or written.

    At most one upload is under way, while training continues.
    """

    def __init__(self, folder: str, kept: Callable[[Sequence[int]], Sequence[bool]] | None = None) -> None:
        """`kept` says which steps to keep after an upload. With it, the remains of an upload that was killed are removed."""
        self._folder, self._kept = folder, kept
        self._temporary = tempfile.TemporaryDirectory(prefix="beambert-checkpoints-")
        self.local = Path(self._temporary.name)
        self._thread = ThreadPoolExecutor(1, "checkpoint upload")
        self._upload: Future[None] | None = None
        if kept:
            files = self._files()
            self._remove(files, [step for step in files if MARKER_NAME not in files[step]])

    def steps(self) -> list[int]:
        """The steps of the complete checkpoints, the oldest first, after an upload that is under way."""
        self.wait()
        return sorted(step for step, names in self._files().items() if MARKER_NAME in names)

    def upload(self, step: int, written: Callable[[], None]) -> None:
        """Begin to upload the checkpoint of a step when `written` returns, which waits until it is complete in `local`."""
        self._upload = self._thread.submit(self._copy_up, step, written)

    def fetch(self, step: int) -> None:
        """Copy a checkpoint to `local`, unless it is there. Raises UserError if the store cannot be read."""
        if (self.local / str(step)).is_dir():
            return
        names = sorted(self._files().get(step, set()) - {MARKER_NAME})
        with tempfile.TemporaryDirectory(dir=self.local, prefix="fetch-") as folder:
            for _ in in_order(lambda name: self._fetch_file(step, name, Path(folder) / name), names, _AT_ONCE):
                pass
            Path(folder).rename(self.local / str(step))
            Path(folder).mkdir()  # for the context to remove

    def forget(self, step: int) -> None:
        """Remove the local copy of a checkpoint."""
        shutil.rmtree(self.local / str(step), ignore_errors=True)

    def wait(self) -> None:
        """Wait for the upload. Raises UserError if it failed."""
        if self._upload is not None:
            upload, self._upload = self._upload, None
            upload.result()

    def wait_on_all_hosts(self) -> None:
        """Wait for the upload of the first host. Raises UserError on every host if it failed."""
        failed: UserError | None = None
        try:
            self.wait()
        except UserError as error:
            failed = error
        if any_host(failed is not None):
            raise failed or UserError(f"{self._folder}: the first host could not write a checkpoint; see what it says")

    def check(self) -> None:
        """Raise UserError if an upload has failed. Does not wait."""
        if self._upload is not None and self._upload.done():
            self.wait()

    def close(self) -> None:
        """Wait for the upload, and remove the local folder."""
        try:
            self.wait()
        finally:
            self._thread.shutdown()
            self._temporary.cleanup()

    def _files(self) -> dict[int, set[str]]:
        """The names of the files of each step, from one listing."""
        found: dict[int, set[str]] = {}
        for name in retried(lambda: storage.list_folder(self._folder)):
            if match := _STEP.fullmatch(name):
                found.setdefault(int(match[1]), set()).add(match[2])
        return found

    def _copy_up(self, step: int, written: Callable[[], None]) -> None:
        written()
        source, target = self.local / str(step), storage.join(self._folder, str(step))
        try:
            upload_files(source, target)
            retried(lambda: storage.write_whole(storage.join(target, MARKER_NAME), b"complete\n"))
            if self._kept:
                files = self._files()
                complete = sorted(one for one in files if MARKER_NAME in files[one])
                keeps = self._kept(complete)
                self._remove(files, [one for one, keep in zip(complete, keeps, strict=True) if not keep])
        except OSError as error:
            raise UserError(
                f"{target}: the checkpoint cannot be uploaded ({first_line(error)}); earlier ones are whole; check the "
                "store and your rights, and the same command continues"
            ) from error
        for path in self.local.iterdir():
            if path.name != str(step):
                shutil.rmtree(path, ignore_errors=True)

    def _fetch_file(self, step: int, name: str, path: Path) -> None:
        uri = storage.join(self._folder, str(step), name)

        def fetch() -> None:
            path.parent.mkdir(parents=True, exist_ok=True)
            with storage.open_stream(uri) as source, path.open("wb") as target:
                shutil.copyfileobj(source, target, _COPY_BYTES)

        try:
            retried(fetch)
        except OSError as error:
            raise UserError(f"{uri}: cannot be read ({first_line(error)}); the same command tries again") from error

    def _remove(self, files: dict[int, set[str]], steps: Sequence[int]) -> None:
        """Remove checkpoints, their markers first, so that none is taken for complete in between."""
        for step in steps:
            place = storage.join(self._folder, str(step))
            names = files[step]
            retried(lambda place=place, names=names: _delete(place, names & {MARKER_NAME}))  # type: ignore[misc]
            retried(lambda place=place, names=names: _delete(place, names - {MARKER_NAME}))  # type: ignore[misc]


def _delete(folder: str, names: set[str]) -> None:
    storage.delete(storage.join(folder, name) for name in sorted(names))
