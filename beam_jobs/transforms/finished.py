"""Work that is done once, however often it is called: the row it returned is kept beside its output.

A retried bundle, a replayed bundle and a resumed run all call the same function with the same item again. The row is
written after the item's files have their final names, so that a row means a finished item.
"""

import json
from collections.abc import Callable
from typing import Any

from beam_jobs.records import WORK_FOLDER
from beam_jobs.transforms import storage

Row = dict[str, Any]


def row_path(output: str, step: str, item: str) -> str:
    """Where the row of one finished item lies until the run ends."""
    return storage.join(output, WORK_FOLDER, step, f"{item}.json")


def run_once(output: str, step: str, item: str, work: Callable[[], Row]) -> Row:
    """The row of `work()`, from the earlier call if there was one and the files it wrote are still there.

    Args:
        output: the job's output folder or URI.
        step: name of the step, a folder of rows.
        item: name of the item, unique within the step.
        work: writes its files under final names and returns a JSON-serialisable row. Its entry `wrote`, where there is
            one, maps each file's path below `output` to its size in bytes.
    """
    path = row_path(output, step, item)
    if storage.exists(path):
        row: Row = json.loads(storage.read_bytes(path))
        if _files_are_there(output, row):
            return row
    row = work()
    storage.write_atomically(path, json.dumps(row, ensure_ascii=False).encode())
    return row


def _files_are_there(output: str, row: Row) -> bool:
    for name, size in row.get("wrote", {}).items():
        path = storage.join(output, name)
        if not storage.exists(path) or storage.size(path) != size:
            return False
    return True
