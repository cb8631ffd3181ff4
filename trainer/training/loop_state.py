"""The inputs of the training loop, the progress that checkpoints hold, and the exception of a stopped run."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from beam_jobs.records import known_fields
from trainer.devices.runtime import Runtime
from trainer.optim.optimizer import Optimizer
from trainer.tasks.task import Task
from trainer.training.best import Best
from trainer.training.rollbacks import Rollback, from_json, passed_over, to_json

MakeEvaluator = Callable[[Any, Task, Runtime], Callable[[Any], dict[str, float]]]
"""Of model, task and runtime: a function of the state that returns figures and the number of `instances`."""


@dataclass(frozen=True)
class PhaseData:
    """The batches of one phase, [rows, ...], with the fields of its task. A batch is that of all hosts."""

    train: Callable[[int], Iterator[dict[str, np.ndarray]]]  # from a data step (0-based) on, without end
    evaluation: Callable[[], Iterator[dict[str, np.ndarray]]] | None = None  # the same batches on every call
    evaluator: MakeEvaluator | None = None  # in the place of the task's sums over `evaluation`
    skipped: Callable[[], Mapping[str, int]] = dict  # number of damaged records skipped so far, by shard


@dataclass(frozen=True)
class PhaseWork:
    """The work of one phase: its task, its optimizer and its batches."""

    task: Task
    optimizer: Optimizer
    data: PhaseData


@dataclass(frozen=True)
class LoopOptions:
    """The options of a launch. None of them changes the result, but for the rounding of sums in another order."""

    last_step: int = 0  # stop (and save) after this step of the run; 0: at the end of the plan
    accumulation: tuple[int, ...] = ()  # micro batches per phase; empty: as the plan says
    profile_steps: range = range(0)  # updates to trace, counted from the launch
    tensorboard: bool = True


@dataclass
class Progress:
    """What the host must know to continue, besides the state. It is saved as JSON with every checkpoint."""

    step: int = 0
    rollbacks: tuple[Rollback, ...] = ()
    seconds: float = 0.0  # of training, over all launches
    loss_mean: float = 0.0
    loss_count: int = 0
    interval: dict[str, float] = field(default_factory=dict)
    best: Best | None = None  # evaluation of the phase, if its settings name a metric

    @property
    def data_offset(self) -> int:
        """The number of batches skipped so far after rollbacks."""
        return passed_over(self.rollbacks, self.step)

    def to_record(self) -> dict[str, Any]:
        """As plain JSON values."""
        content = {**vars(self), "rollbacks": to_json(self.rollbacks)}
        best = content.pop("best")
        return {**content, "best": asdict(best)} if best else content

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Progress":
        """The inverse of `to_record`. It also reads the older form, which had only the number of skipped batches.

        Entries of newer versions are ignored.
        """
        content = known_fields(cls, record)
        offset = record.get("data_offset", 0)
        rollbacks = content.pop("rollbacks")
        if content.get("best"):
            content["best"] = Best(**known_fields(Best, content["best"]))
        if isinstance(rollbacks, int):
            passed = (Rollback(failed_step=0, checkpoint=-1, at=0, batches=offset),)
            return cls(**content, rollbacks=passed * bool(rollbacks))
        return cls(**content, rollbacks=from_json(rollbacks))


class StopRequestedError(Exception):
    """The run was asked to stop, and its state is saved; `signal` is the signal's number."""

    def __init__(self, signal: int) -> None:
        super().__init__(f"stopped by signal {signal}")
        self.signal = signal
