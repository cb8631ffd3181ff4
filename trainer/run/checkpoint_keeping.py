"""Decides when checkpoints are written, and which are kept."""

from collections.abc import Sequence
from typing import Any

from orbax.checkpoint.checkpoint_managers import PreservationPolicy

from trainer.plans.plan import Plan


class KeepByPlan(PreservationPolicy):
    """Keeps the last few checkpoints, those of the keep rules, the ends of phases, and those of `protected` steps."""

    protected: frozenset[int] = frozenset()  # the best ones so far; only the run itself knows them

    def __init__(self, plan: Plan) -> None:
        self.last = plan.checkpoint.keep_last
        self.rules = plan.checkpoint.keep
        ends = {plan.first_step(i) + phase.steps for i, phase in enumerate(plan.phases)}
        self.ends = ends if plan.checkpoint.keep_phase_ends else {plan.steps}

    def should_preserve(self, checkpoints: Sequence[Any], *, context: Any) -> Sequence[bool]:
        """Called by Orbax after every save, with the `checkpoints` in the order of their steps."""
        return self.kept([checkpoint.step for checkpoint in checkpoints])

    def kept(self, steps: Sequence[int]) -> Sequence[bool]:
        """Whether each of these checkpoints is kept, given by their steps in order."""
        newest = set(steps[-self.last :])
        return [step in newest or step in self.protected or self.keeps(step) for step in steps]

    def keeps(self, step: int) -> bool:
        """Whether the checkpoint of a step is kept for good."""
        return step in self.ends or any(rule.keeps(step) for rule in self.rules)


def save_steps_due(plan: Plan, step: int) -> bool:
    """Whether a checkpoint is due after `step` updates."""
    return step % plan.checkpoint.every == 0 or KeepByPlan(plan).keeps(step)
