"""What an unfinished run left in its output folder, and whether another run may replace it.

`run.json` in the work folder says which run began there. A run begins only in a folder without files of a job
(`output_folder.py`), so all files with a job's names belong to that run.
"""

import json
import os
import re
import socket
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.execution.earlier_outputs import RUN_NAME
from beam_jobs.records import (
    FORMAT,
    MANIFEST_NAME,
    REJECTED_FOLDER,
    SAMPLES_NAME,
    SAMPLES_TEXT_NAME,
    STATS_NAME,
    WORK_FOLDER,
    known_fields,
    require_known_format,
)

_WORK_FORMAT = 1  # of everything in the work folder; `run.json` is read first
_SHARD = re.compile(r"((train|dev|test)/)?(sentences|instances)-\d+-of-\d+\.(txt|tfrecord|tfrecord\.gz)")
_ROW = re.compile(r"(?!progress/|failed/|tmp/)[^/]+/[^/]+\.json")  # in the work folder; means a finished item


@dataclass(frozen=True)
class Run:
    """The content of `run.json`."""

    job: str  # name of the settings' class
    settings_hash: str
    settings: dict[str, Any]  # those that decide the bytes
    reusable: tuple[str, str] = ("", "")  # a step, and a hash of everything that its rows depend on
    found: tuple[str, ...] = ()  # files that were there already, with the bytes that the run would have written
    process: dict[str, Any] = field(default_factory=dict)  # the driver: host, pid, and when it started

    def wrote(self, names: Iterable[str]) -> set[str]:
        """The files in the output folder, by name, that this run wrote."""
        others = {MANIFEST_NAME, STATS_NAME, SAMPLES_NAME, SAMPLES_TEXT_NAME, "vocab.txt"} - set(self.found)
        others |= {f"{self.settings['name']}.json"} if "name" in self.settings else set()
        ours = (WORK_FOLDER + "/", REJECTED_FOLDER + "/")
        return {name for name in names if name in others or name.startswith(ours) or _SHARD.fullmatch(name)}


def this_process() -> dict[str, Any]:
    """What identifies this process: machine, number and start time."""
    return {"host": socket.gethostname(), "pid": os.getpid(), "started": _started(os.getpid())}


def read_run(output: str) -> Run | None:
    """The run that began in `output`. If its `run.json` cannot be read, the run has no settings.

    Raises UserError when a newer version has begun it, with a work folder that this version cannot read.
    """
    path = storage.join(output, WORK_FOLDER, RUN_NAME)
    if not storage.exists(path):
        return None
    try:
        content = json.loads(storage.read_bytes(path))
        require_known_format(content, _WORK_FORMAT, path)
        step, hash = content["reusable"]
        return Run(**{**known_fields(Run, content), "reusable": (step, hash), "found": tuple(content["found"])})
    except (ValueError, KeyError, TypeError, AttributeError):
        return Run("", "", {})


def write_run(output: str, run: Run, temporary_folder: str) -> None:
    """Write `run.json`. Raises UserError if another process wrote one at the same moment."""
    content = json.dumps({FORMAT: _WORK_FORMAT, **asdict(run)}).encode()
    storage.write_atomically(storage.join(output, WORK_FOLDER, RUN_NAME), content, temporary_folder)
    there = read_run(output)
    if there is not None and there.process != run.process:
        require_ended(output, there)


def require_ended(output: str, run: Run) -> None:
    """Raise UserError if the driver of `run` is another process of this machine that is still alive."""
    pid, host = run.process.get("pid"), run.process.get("host")
    if not isinstance(pid, int) or host != socket.gethostname() or pid == os.getpid():
        return
    started = _started(pid)
    if started is not None and started == run.process.get("started"):
        raise UserError(
            f"another run is writing to --output {output} (process {pid} on this machine); "
            "wait until it has ended or stop it, or choose another --output"
        )


def finished_rows(names: Iterable[str], but_for_step: str = "") -> list[str]:
    """The files in the output folder that mean a finished item, without those of one step."""
    work, step = WORK_FOLDER + "/", f"{but_for_step}/"
    inside = [name.removeprefix(work) for name in names if name.startswith(work)]
    return [work + name for name in inside if _ROW.fullmatch(name) and not (but_for_step and name.startswith(step))]


def _started(pid: int) -> str | None:
    """The start time of a living process, as the system writes it; None if there is no such process."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if state == "Z" else fields[18]
    except (OSError, IndexError):
        pass
    if Path("/proc/self/stat").exists():
        return None
    try:
        os.kill(pid, 0)  # on other systems, a number that was given to a new process looks alive
    except OSError as error:
        return "unknown" if isinstance(error, PermissionError) else None
    return "unknown"
