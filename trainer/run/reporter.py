"""Reports the progress of a run: to the terminal, as a bar or log lines, to metrics.jsonl and to TensorBoard."""

import logging
import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from beam_jobs import storage
from trainer.run.metrics import MetricsFile, evaluation_line, log_line
from trainer.run.tensorboard_log import TensorBoardLog
from trainer.tasks.task import Task

logger = logging.getLogger("trainer")


class Reporter:
    """The reporter of the process that writes results. On the other hosts of a run it is silent."""

    def __init__(
        self, output: str, step: int, total_steps: int, *, primary: bool = True, tensorboard: bool = True
    ) -> None:
        self.total_steps = total_steps
        self._file = MetricsFile(output, step) if primary else None
        self._board = (
            TensorBoardLog(storage.join(storage.absolute(output), "tensorboard"), step)
            if primary and tensorboard
            else None
        )
        self._primary = primary
        self._bar: Progress | None = None
        if primary and sys.stderr.isatty():
            columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("starting", total=total_steps, completed=step)
            self._bar.start()

    @property
    def records(self) -> list[dict[str, Any]]:
        """Everything in metrics.jsonl so far."""
        return self._file.records if self._file else []

    def say(self, text: str) -> None:
        """Print one line."""
        if self._bar:
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)
        elif self._primary:
            logger.info(text)

    def advance(self, step: int, phase: str, loss: float) -> None:
        """Move the progress bar."""
        if self._bar:
            self._bar.update(self._task, completed=step, description=f"{phase} loss {loss:.3f}")

    def record(self, record: Mapping[str, Any], task: Task | None = None) -> None:
        """A "train", "evaluation" or "rollback" record to every place; the first two are of a task."""
        if self._file is None:
            return
        self._file.write(record)
        if self._board:
            self._board.write(record)
        if task and record["kind"] == "train":
            self.say(log_line(record, self.total_steps, task.line(record, 3)))
        elif task and record["kind"] == "evaluation":
            self.say(evaluation_line(record, task.line(record, 4)))

    def take_back(self, step: int) -> None:
        """Remove the records of updates beyond `step`."""
        if self._file:
            self._file.drop_beyond(step)
        if self._board:
            self._board.take_back(step)

    def flush(self) -> None:
        """Called with every checkpoint."""
        if self._file:
            self._file.flush()
        if self._board:
            self._board.flush()

    def close(self) -> None:
        """Write everything and remove the bar."""
        self.flush()
        if self._board:
            self._board.close()
        if self._bar:
            self._bar.stop()
