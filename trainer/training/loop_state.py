"""What goes into the training loop, what it carries from checkpoint to checkpoint, and how it says that it was stopped."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from beam_jobs.records import known_fields
from trainer.optim.optimizer import Optimizer
from trainer.tasks.task import Task
from trainer.training.rollbacks import Rollback, from_json, passed_over, to_json


@dataclass(frozen=True)
class PhaseData:
    """Where one phase's batches come from; fields as the task wants them, [rows, ...], the batch of all hosts."""

    train: Callable[[int], Iterator[dict[str, np.ndarray]]]  # from a data step (0-based) on, without end
    evaluation: Callable[[], Iterator[dict[str, np.ndarray]]] | None = None  # the same batches on every call
    skipped: Callable[[], Mapping[str, int]] = dict  # records passed over as damaged so far, by shard


@dataclass(frozen=True)
class PhaseWork:
    """What one phase does: what is learned, how weights move, and from which batches."""

    task: Task
    optimizer: Optimizer
    data: PhaseData


@dataclass(frozen=True)
class LoopOptions:
    """What a launch decides; none of it changes what is computed."""

    last_step: int = 0  # stop (and save) after this step of the run; 0: at the end of the plan
    accumulation: tuple[int, ...] = ()  # micro batches per phase; empty: as the plan says
    profile_steps: range = range(0)  # updates to trace, counted from the launch
    tensorboard: bool = True


@dataclass
class Progress:
    """What the host must know to go on, besides the state; saved as JSON with every checkpoint."""

    step: int = 0
    rollbacks: tuple[Rollback, ...] = ()
    seconds: float = 0.0  # of training, over all launches
    loss_mean: float = 0.0
    loss_count: int = 0
    interval: dict[str, float] = field(default_factory=dict)

    @property
    def data_offset(self) -> int:
        """Batches passed over so far, after rollbacks."""
        return passed_over(self.rollbacks, self.step)

    def to_record(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {**vars(self), "rollbacks": to_json(self.rollbacks)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Progress":
        """What `to_record` made, of this version or of the one that kept the number of batches passed over alone.

        What only newer versions know is passed over.
        """
        content = known_fields(cls, record)
        offset = record.get("data_offset", 0)
        rollbacks = content.pop("rollbacks")
        if isinstance(rollbacks, int):
            passed = (Rollback(failed_step=0, checkpoint=-1, at=0, batches=offset),)
            return cls(**content, rollbacks=passed * bool(rollbacks))
        return cls(**content, rollbacks=from_json(rollbacks))


class StopRequestedError(Exception):
    """The run was asked to stop, and its state is saved; `signal` is the signal's number."""

    def __init__(self, signal: int) -> None:
        super().__init__(f"stopped by signal {signal}")
        self.signal = signal
