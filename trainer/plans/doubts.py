"""Warnings about a plan that would train well-formed steps to little use, before its first step."""

from collections.abc import Iterator, Sequence

from beam_jobs.console.warnings import Warned
from trainer.plans.plan import Phase

EPOCHS = 40  # as many as the original BERT took over its corpus


def doubts_about_phases(phases: Sequence[Phase], instances: Sequence[int | None]) -> Iterator[Warned]:
    """A line for each phase that reads its data too often; `instances` are those that each phase trains on, if known."""
    for phase, there in zip(phases, instances, strict=True):
        if there and (epochs := phase.batch * phase.steps / there) > EPOCHS:
            yield Warned(
                "epochs",
                f"phase {phase.name} reads each of {there:,} instances {epochs:,.0f} times, more than {EPOCHS}: it may learn them by "
                f"heart; make more of them by a larger --dupe_factor, or set phase.{phase.name}.steps="
                f"{max(EPOCHS * there // phase.batch, 1)}",
            )
