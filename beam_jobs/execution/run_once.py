"""Does the work of an item once, however often it is called: the row that it returned is stored in the work folder.

A retried bundle, a replayed bundle and a resumed run call the same function with the same item again. The row is
written after the item's files have their final names, so a row means a finished item. It is used only if the files are
still exactly as they were written, and if the item would be made from the same content with the same settings.

A worker that a runner has given up may come back after the job's end. It then removes what it has written to the work
folder, which is to stay empty.
"""

import contextlib
import hashlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterable
from typing import Any

from beam_jobs import storage
from beam_jobs.execution.unfinished_run import is_finished, may_be_given_up, require_unfinished
from beam_jobs.records import WORK_FOLDER
from beam_jobs.storage.retries import retried

ItemRow = dict[str, Any]


def row_path(output: str, step: str, item: str) -> str:
    """The path of the row of a finished item. Rows are kept until the run ends."""
    return storage.join(output, WORK_FOLDER, step, f"{item}.json")


def stored_row(output: str, step: str, item: str) -> ItemRow | None:
    """The row of an item, in one request; None if there is none, or if it is damaged and so useless."""
    try:
        data = storage.read_if_there(row_path(output, step, item))
        content = json.loads(data) if data else None
    except (ValueError, PermissionError):  # who may not read the row may not write it either, and is told so then
        return None
    return content if isinstance(content, dict) else None


def run_once(
    output: str,
    step: str,
    item: str,
    work: Callable[[], ItemRow],
    made_from: str = "",
    find: Callable[[str, str, str], ItemRow | None] = stored_row,
    run: str = "",
) -> ItemRow:
    """The row of `work()`, or the stored row of an earlier call whose files and content are unchanged.

    Args:
        output: the job's output folder or URI.
        step: name of the step, a folder of rows.
        item: name of the item, unique within the step.
        work: writes its files under their final names, and returns a row that JSON can hold. The optional entry `wrote`
            of the row maps the path of each file below `output` to its size in bytes and its CRC-32C in hex. The CRC is
            empty if the file's content is checked whenever it is read.
        made_from: a hash of the content that the work reads (`content_hash`). If it has changed since an earlier call,
            the work is done again.
        find: looks for the stored row. A caller that has looked already gives its answer.
        run: a hash of the settings that the row depends on. A row of other settings, which a worker of an earlier run
            may have written late, is not used.

    Raises:
        EndedRunUserError: the job has finished while the work was done.
    """
    started = time.monotonic()
    source = content_hash(run, made_from)
    found = find(output, step, item)
    if found is not None and found.get("made_from") == source:
        whole = _files_are_whole(output, found)
        if whole or (whole is None and is_finished(output)):  # an engine that has lost rows calls again
            return found
    row: ItemRow = {}
    try:
        row = {**work(), "made_from": source, "ran_on": [socket.gethostname(), os.cpu_count() or 1]}
        storage.write_atomically(row_path(output, step, item), json.dumps(row, ensure_ascii=False).encode())
        if may_be_given_up(output, started):
            require_unfinished(output)
    except Exception:
        with contextlib.suppress(Exception):  # the first exception is the one to be told
            if retried(lambda: is_finished(output)):
                _withdraw(output, step, item, row)
        raise
    return row


def cpus_of(rows: Iterable[ItemRow]) -> int:
    """The processors of all machines on which the items of these rows were worked on; at least 1."""
    return sum(dict(tuple(row["ran_on"]) for row in rows if "ran_on" in row).values()) or 1


def forget(output: str, step: str, item: str) -> None:
    """Remove the row of an item, so that the next run does the work again. Used if a file of it is damaged."""
    storage.delete([row_path(output, step, item)])


def content_hash(*values: object) -> str:
    """A short hash of what an item is made from: JSON values such as names, sizes and checksums."""
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]


def _withdraw(output: str, step: str, item: str, row: ItemRow) -> None:
    """Remove what this call has left in the work folder of a finished job."""
    names = [name for name in row.get("wrote", {}) if name.startswith(f"{WORK_FOLDER}/")]
    names.append(storage.join(WORK_FOLDER, "progress", f"{step}.{item}"))
    storage.delete([row_path(output, step, item), *(storage.join(output, name) for name in names)])
    storage.remove_empty_folders(storage.join(output, WORK_FOLDER))


def _files_are_whole(output: str, row: ItemRow) -> bool | None:
    """Whether the files of a row are as they were written. None if one is missing, as intermediate ones are at the end."""
    for name, (size, crc32c) in row.get("wrote", {}).items():
        path = storage.join(output, name)
        try:
            if storage.size(path) != size or (crc32c and storage.crc32c(path) != crc32c):
                return False
        except FileNotFoundError:
            return None
    return True
