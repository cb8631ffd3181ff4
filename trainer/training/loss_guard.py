"""Notices a loss or a gradient that is not finite, and a loss that rises far above its running mean."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from beam_jobs.errors import UserError
from trainer.plans.settings import Guard
from trainer.training.rollbacks import Rollback

MEMORY = 0.98  # of the running mean, which so covers about 50 updates
SETTLED = 50  # updates of a phase before the running mean is reliable


class GuardError(Exception):
    """Update `step` (1-based, of the run) went wrong. `action` is that of the plan: rollback or stop."""

    def __init__(self, step: int, reason: str, action: str) -> None:
        super().__init__(reason)
        self.step, self.reason, self.action = step, reason, action


@dataclass
class LossGuard:
    """The running mean of the loss. Checkpoints hold it, so that a resumed run judges like an uninterrupted one."""

    settings: Guard
    mean: float = 0.0
    count: int = field(default=0)

    def check(self, step: int, metrics: Mapping[str, float]) -> None:
        """Add the metrics of one update. Raises GuardError if they are bad."""
        loss, norm = metrics["loss"], metrics["gradient_norm"]
        for name, value in (("loss", loss), ("gradient norm", norm)):
            if not math.isfinite(value):
                raise GuardError(step, f"{name} is {value}", self.settings.on_nonfinite)
        limit = self.settings.spike_factor * self.mean
        if self.settings.on_spike != "ignore" and self.count >= SETTLED and loss > limit:
            reason = f"loss {loss:.3f} is above {self.settings.spike_factor:g} times its running mean {self.mean:.3f}"
            raise GuardError(step, reason, self.settings.on_spike)
        self.count += 1
        weight = max(1 - MEMORY, 1 / self.count)
        self.mean += weight * (loss - self.mean)

    def forget(self) -> None:
        """Start anew, at the beginning of a phase."""
        self.mean, self.count = 0.0, 0


def require_another_try(fault: GuardError, rollbacks: Sequence[Rollback], latest: int | None, settings: Guard) -> None:
    """Raise UserError if a fault ends the run: by the plan, or because it returned to checkpoint `latest` too often."""
    where = f"step {fault.step:,}: {fault.reason}"
    remedy = "lower learning_rate.peak or lengthen its warm-up in the plan, or look at the data of that batch"
    if fault.action == "stop":
        raise UserError(f"{where}; stopped as the plan's guard says: {remedy}")
    before = sum(rollback.checkpoint == latest for rollback in rollbacks)
    if before >= settings.max_rollbacks:
        raise UserError(
            f"{where}, after {before} rollbacks to step {latest:,} (guard.max_rollbacks): {remedy}, "
            "or raise guard.max_rollbacks to pass over more batches"
        )
