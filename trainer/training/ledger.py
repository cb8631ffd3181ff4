"""Keeps the results of the updates of a launch: the guard checks each, and the log reports their means and speed."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from trainer.devices.runtime import Runtime, to_host
from trainer.model.config import BertConfig
from trainer.model.size import flops_per_step
from trainer.plans.plan import Plan
from trainer.run.metrics import Interval, Speed
from trainer.run.reporter import Reporter
from trainer.training.best import best_after, out_of_patience
from trainer.training.loop_state import PhaseWork, Progress
from trainer.training.loss_guard import LossGuard


class Ledger:
    """The ledger of one launch, kept by the loop. What must survive an interruption goes into `Progress`."""

    def __init__(
        self, plan: Plan, work: Sequence[PhaseWork], config: BertConfig, runtime: Runtime, reporter: Reporter
    ) -> None:
        self._plan, self._work, self._runtime, self._reporter = plan, work, runtime, reporter
        self._flops = [
            flops_per_step(config, each.task.head_size(config, phase), phase.batch, phase.sequence_length)
            for phase, each in zip(plan.phases, work, strict=True)
        ]
        self.speed = Speed()
        self._guard, self._interval = LossGuard(plan.guard), Interval(())

    def begin(self, index: int, progress: Progress) -> None:
        """Continue at the `progress` in phase `index`, or begin the phase."""
        self._index, self._phase, self._task = index, self._plan.phases[index], self._work[index].task
        self._interval = Interval(self._task.figures, progress.interval)
        self._guard.mean, self._guard.count = progress.loss_mean, progress.loss_count
        if progress.step == self._plan.first_step(index):
            self._guard.forget()
            progress.best = None

    def add(self, step: int, metrics: Any, waited: float) -> None:
        """Wait for update `step` (1-based) and count it. `waited` is how many seconds its batch was late.

        Raises GuardError if its loss or gradient is bad.
        """
        values = to_host(metrics)
        self._guard.check(step, values)
        self._interval.add(values)
        self.speed.add(values, waited)
        self._reporter.advance(step, self._phase.name, values["loss"])

    def log(self, progress: Progress) -> None:
        """Report the updates since the last time."""
        flops = self._flops[self._index]
        rates = self.speed.take(flops, self._runtime.peak_flops)
        per_update = rates["seconds_per_update"]
        progress.seconds += per_update * self._interval.sums["updates"]
        phases = list(zip(self._plan.phases, self._flops, strict=True))
        later = sum(more * phase.steps for phase, more in phases[self._index + 1 :])
        here = self._plan.first_step(self._index) + self._phase.steps - progress.step
        left = per_update * (here + later / max(flops, 1))
        record = {"kind": "train", "step": progress.step, "phase": self._phase.name, **self._interval.take(), **rates}
        self._reporter.record({**record, "seconds_left": left}, self._task)

    def evaluate(self, evaluator: Callable[[Any], dict[str, float]], state: Any, progress: Progress) -> None:
        """Evaluate and report, and note in `progress` which is the best. This does not count as time of training."""
        started = time.perf_counter()
        settings, figures = self._phase.evaluation, evaluator(state)
        record = {"kind": "evaluation", "step": progress.step, "phase": self._phase.name, "split": settings.split}
        self._reporter.record({**record, **figures}, self._task)
        best = progress.best = best_after(progress.best, settings, figures, progress.step)
        if best and out_of_patience(best, settings):
            self._reporter.say(
                f"step {progress.step:,}: {best.waited} evaluations without a better {settings.metric} than {best.value:.4f} "
                f"at step {best.step:,}; the run ends here (evaluation.patience)"
            )
        self.speed.pause(time.perf_counter() - started)

    def keep(self, progress: Progress) -> None:
        """Store what the next launch must know in `progress`."""
        progress.loss_mean, progress.loss_count = self._guard.mean, self._guard.count
        progress.interval = dict(self._interval.sums)
