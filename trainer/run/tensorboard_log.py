"""Writes scalars for TensorBoard."""

import time
from collections.abc import Mapping
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter


class TensorBoardLog:
    """The event files of one launch. TensorBoard joins those of all launches and drops events that are void."""

    def __init__(self, folder: str, step: int) -> None:
        """Events of earlier launches from `step` on are marked as void."""
        self._writer = EventFileWriter(folder)
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

    def close(self) -> None:
        """Flush and end."""
        self._writer.close()
