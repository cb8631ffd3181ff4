"""What an unfinished run left in its output folder, and whether another run may replace it.

`run.json` in the work folder says which run began there. A run begins only in a folder without files of a job
(`output_folder.py`), so all files with a job's names belong to that run.
"""

import json
import os
import re
import socket
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from beam_jobs import storage
from beam_jobs.errors import EndedRunUserError, UserError
from beam_jobs.execution.earlier_outputs import RUN_NAME
from beam_jobs.records import (
    CONFIG_NAME,
    FILTERED_FOLDER,
    FORMAT,
    MANIFEST_NAME,
    REJECTED_FOLDER,
    SAMPLES_NAME,
    SAMPLES_TEXT_NAME,
    STATS_NAME,
    VOCABULARY_NAMES,
    WORK_FOLDER,
    known_fields,
    require_known_format,
)
from beam_jobs.storage.paths import is_remote

_PATIENCE_S = 30.0  # the heartbeat of a worker may stay away for 50 s in Flink, and for 120 s in Spark
_WORK_FORMAT = 1  # of everything in the work folder; `run.json` is read first
_SHARD = re.compile(r"((train|dev|test)/)?(sentences|instances)-\d+-of-\d+\.(txt|tfrecord|tfrecord\.gz)")
_LEFTOVER = re.compile(
    r"[a-z]+/\d{6}\.(txt|bin|jsonl?)"
    r"|[a-z]+/((train|dev|test)\.)?(sentences|instances)-\d+-of-\d+\.(txt|tfrecord|tfrecord\.gz)\.json"
    r"|progress/[a-z]+\.[\w.-]+|failed/[0-9a-f]{16}\.[a-z]+\.txt|tmp/\.[^/]+\.tmp"
)
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
        others = {CONFIG_NAME, MANIFEST_NAME, STATS_NAME, SAMPLES_NAME, SAMPLES_TEXT_NAME, *VOCABULARY_NAMES} - set(
            self.found
        )
        others |= {f"{self.settings['name']}.json"} if "name" in self.settings else set()
        ours = (WORK_FOLDER + "/", REJECTED_FOLDER + "/", FILTERED_FOLDER + "/")
        return {name for name in names if name in others or name.startswith(ours) or _SHARD.fullmatch(name)}


def this_process() -> dict[str, Any]:
    """What identifies this process: machine, number and start time."""
    return {"host": socket.gethostname(), "pid": os.getpid(), "started": _started(os.getpid())}


def read_run(output: str) -> Run | None:
    """The run that began in `output`. If its `run.json` cannot be read, the run has no settings.

    Raises UserError when a newer version has begun it, with a work folder that this version cannot read.
    """
    path = storage.join(output, WORK_FOLDER, RUN_NAME)
    data = storage.read_if_there(path)
    if data is None:
        return None
    try:
        content = json.loads(data)
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


def may_be_given_up(output: str, started: float) -> bool:
    """Whether a runner may have given up a worker that began its item at `started`, of `time.monotonic()`.

    On an object store, where every look is a request, only long items are suspected; engines do not give up sooner.
    """
    return not is_remote(output) or time.monotonic() - started > _PATIENCE_S


def require_in_charge(output: str, hash: str, started: float = 0.0) -> None:
    """Raise EndedRunUserError if files of a run with this settings hash may no longer be written to `output`.

    The run has finished, or a run with other settings has taken its place. A worker asks this just before it gives a
    file of the corpus its final name, if `may_be_given_up`. It is one request if the run goes on.
    """
    if not may_be_given_up(output, started):
        return
    run = read_run(output)
    if run is not None and run.settings_hash not in ("", hash):
        raise EndedRunUserError(
            f"a run with other settings has taken over --output {output}; run each command with an --output of its own"
        )
    if run is None:
        require_unfinished(output)


def is_finished(output: str) -> bool:
    """Whether the statistics are there, in one request. They are the last file; then the work folder is cleared."""
    return storage.read_if_there(storage.join(output, STATS_NAME)) is not None


def require_unfinished(output: str) -> None:
    """Raise EndedRunUserError if the output folder is finished."""
    if is_finished(output):
        raise EndedRunUserError(
            f"another worker or another run has finished --output {output}; the same command shows its result"
        )


def finished_rows(names: Iterable[str], but_for_step: str = "") -> list[str]:
    """The files in the output folder that mean a finished item, without those of one step."""
    work, step = WORK_FOLDER + "/", f"{but_for_step}/"
    inside = [name.removeprefix(work) for name in names if name.startswith(work)]
    return [work + name for name in inside if _ROW.fullmatch(name) and not (but_for_step and name.startswith(step))]


def is_leftover(name: str) -> bool:
    """Whether a file of the work folder has the name of a row, or of a file that work items write there."""
    return _LEFTOVER.fullmatch(name) is not None


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
