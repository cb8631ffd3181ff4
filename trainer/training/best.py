"""Which checkpoint of a phase is the best, by a figure of its evaluations, and when to stop waiting for a better one.

It is kept in `Progress`, and so in every checkpoint: a run that is interrupted chooses, and stops, like one that is not.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beam_jobs.errors import UserError
from trainer.plans.plan import Phase, Plan
from trainer.plans.settings import Evaluation


@dataclass(frozen=True)
class Best:
    """The best evaluation of a phase so far."""

    value: float
    step: int
    former: int = -1  # the step of the best one before; its checkpoint is kept until the new one is known to be whole
    waited: int = 0  # evaluations since that were not better

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps whose checkpoints are kept for it."""
        return (self.step, self.former)


def best_after(best: Best | None, settings: Evaluation, record: Mapping[str, Any], step: int) -> Best | None:
    """The best evaluation after that of `step`, whose figures are `record`; None if the settings name no metric.

    Of equal ones the first stays the best. A figure that is not a number is never better. Raises UserError if the
    evaluation has no such figure.
    """
    if not settings.metric:
        return None
    if settings.metric not in record:
        numbers = ", ".join(name for name, value in record.items() if isinstance(value, float))
        raise UserError(
            f"evaluation.metric is {settings.metric!r}, but an evaluation has only {numbers}; name one of them"
        )
    value = float(record[settings.metric])
    if best is None:
        return Best(value, step)
    better = value > best.value if settings.best == "highest" else value < best.value
    if better or (math.isnan(best.value) and not math.isnan(value)):
        return Best(value, step, former=best.step)
    return Best(best.value, best.step, best.former, best.waited + 1)


def require_metric(phase: Phase, figures: Sequence[str]) -> None:
    """Raise UserError, before training, if the phase's metric is none of the figures that its evaluations will have."""
    metric = phase.evaluation.metric
    if metric and metric not in figures:
        raise UserError(
            f"phase {phase.name}: evaluation.metric is {metric!r}, but its evaluations have {', '.join(figures)}; name one of "
            "them"
        )


def out_of_patience(best: Best | None, settings: Evaluation) -> bool:
    """Whether as many evaluations as the settings allow were not better than the best one."""
    return best is not None and 0 < settings.patience <= best.waited


def ends_early(plan: Plan, step: int, best: Best | None) -> bool:
    """Whether a run of the plan, after `step` updates, is over because the patience of its phase is at an end."""
    return out_of_patience(best, plan.phases[plan.phase_index(max(step - 1, 0))].evaluation)
