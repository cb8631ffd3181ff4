"""Writes scalars for TensorBoard."""

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from beam_jobs import storage
from beam_jobs.storage.paths import is_remote


class TensorBoardLog:
    """The event files of one launch. TensorBoard joins those of all launches and drops events that are void.

    A folder in an object store gets the files at every flush, since objects cannot grow.
    """

    def __init__(self, folder: str, step: int) -> None:
        """Events of earlier launches from `step` on are marked as void."""
        self._folder = folder
        self._local = tempfile.TemporaryDirectory(prefix="beambert-events-") if is_remote(folder) else None
        self._writer = EventFileWriter(self._local.name if self._local else folder)
        self.take_back(step)

    def take_back(self, step: int) -> None:
        """Mark everything beyond `step` as void, so that TensorBoard drops it as after a restart."""
        start = SessionLog(status=SessionLog.START)
        self._writer.add_event(Event(session_log=start, step=step + 1, wall_time=time.time()))

    def write(self, record: Mapping[str, Any]) -> None:
        """The numbers of a record, under its kind: train/loss, evaluation/mlm_accuracy, ..."""
        values = [
            Summary.Value(tag=f"{record['kind']}/{name}", simple_value=float(value))
            for name, value in record.items()
            if isinstance(value, int | float) and name != "step"
        ]
        self._writer.add_event(Event(summary=Summary(value=values), step=record["step"], wall_time=time.time()))

    def flush(self) -> None:
        """Make everything written so far readable."""
        self._writer.flush()
        if self._local:
            for path in Path(self._local.name).iterdir():
                storage.write_whole(storage.join(self._folder, path.name), path.read_bytes())

    def close(self) -> None:
        """Flush and end."""
        self.flush()
        self._writer.close()
        if self._local:
            self._local.cleanup()
