"""Work that is done once, however often it is called: the row it returned is kept beside its output.

A retried bundle, a replayed bundle and a resumed run all call the same function with the same item again. The row is
written after the item's files have their final names, so that a row means a finished item. It is trusted only while the
files are as they were written, byte for byte, and while the item is made from the same content.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from beam_jobs import storage
from beam_jobs.records import WORK_FOLDER

Row = dict[str, Any]


def row_path(output: str, step: str, item: str) -> str:
    """Where the row of one finished item lies until the run ends."""
    return storage.join(output, WORK_FOLDER, step, f"{item}.json")


def run_once(output: str, step: str, item: str, work: Callable[[], Row], made_from: str = "") -> Row:
    """The row of `work()`: of the earlier call if there was one, its files are as it wrote them, and it used the same content.

    Args:
        output: the job's output folder or URI.
        step: name of the step, a folder of rows.
        item: name of the item, unique within the step.
        work: writes its files under final names and returns a JSON-serialisable row. Its entry `wrote`, where there is
            one, maps each file's path below `output` to its size in bytes and its CRC-32C in hex. The CRC is empty for a
            file whose content is checked whenever it is read.
        made_from: names the content that the work reads (`content_hash`). The row of an earlier call with another one is
            out of date, and the work is done again.
    """
    path = row_path(output, step, item)
    if storage.exists(path):
        found = _read_row(path)
        if found.get("made_from") == made_from and _files_are_whole(output, found):
            return found
    row = {**work(), "made_from": made_from}
    storage.write_atomically(path, json.dumps(row, ensure_ascii=False).encode())
    return row


def forget(output: str, step: str, item: str) -> None:
    """Let the next run do the work of an item again, because a file that it wrote was found damaged."""
    storage.delete([row_path(output, step, item)])


def content_hash(*values: object) -> str:
    """A short name of JSON values that say what an item is made from: names, sizes, checksums."""
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]


def _read_row(path: str) -> Row:
    try:
        content = json.loads(storage.read_bytes(path))
    except ValueError:
        return {}  # damaged: it says nothing
    return content if isinstance(content, dict) else {}


def _files_are_whole(output: str, row: Row) -> bool:
    for name, (size, crc32c) in row.get("wrote", {}).items():
        path = storage.join(output, name)
        if not storage.exists(path) or storage.size(path) != size or (crc32c and storage.crc32c(path) != crc32c):
            return False
    return True
