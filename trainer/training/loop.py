"""The training loop: phases, updates, and what happens between them."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from beam_jobs.errors import UserError
from trainer.devices.runtime import Runtime, to_host
from trainer.optim.exclusions import describe, rules_by_layer_type
from trainer.optim.schedule import learning_rate
from trainer.plans.plan import Phase, Plan
from trainer.run.checkpoint import Checkpoints, assign_weights
from trainer.run.checkpoint_keeping import save_steps_due
from trainer.run.disk_trouble import first_line, is_disk_trouble
from trainer.run.metrics import Interval, Speed
from trainer.run.reporter import Reporter, logger
from trainer.training.evaluate import Evaluator
from trainer.training.guard import GuardError, Watch
from trainer.training.loop_state import LoopOptions, PhaseData, Progress, StopRequestedError
from trainer.training.prefetch import Prefetcher
from trainer.training.profiler import Profiler
from trainer.training.rollbacks import batches_from, read_rollbacks, rollback_after, write_rollbacks
from trainer.training.step import State, initial_state, make_train_step, without_moments
from trainer.training.stop_signal import StopSignal

IN_FLIGHT = 2  # updates that may be running while the host goes on; their metrics are looked at that much later
ASK_HOSTS_EVERY = 10  # updates between looks at whether another host was asked to stop


class Loop:
    """One launch of a run."""

    def __init__(
        self,
        plan: Plan,
        model: keras.Model,
        data: Sequence[PhaseData],
        runtime: Runtime,
        output: str,
        options: LoopOptions | None = None,
        initialise: Callable[[keras.Model], None] | None = None,
    ) -> None:
        """`initialise` loads the plan's `init.checkpoint` into the model; it is called only when nothing is resumed."""
        self.plan, self.model, self.data, self.runtime, self.output = plan, model, data, runtime, output
        self.options, self._initialise = options or LoopOptions(), initialise
        self.last_step = min(self.options.last_step or plan.steps, plan.steps)
        self.rules = rules_by_layer_type(model)
        self.watch = Watch(plan.guard)
        self.interval = Interval()
        self.speed = Speed()
        self.progress = Progress()
        self.records: list[dict[str, Any]] = []
        self._steps: dict[Any, Callable[..., Any]] = {}

    def run(self) -> State:
        """Train from where the output folder stands to the last step; the model holds the final weights then.

        Raises StopRequestedError after a SIGTERM or Ctrl-C once it has made an update: before, there is nothing to save.
        Raises UserError when the guard stops the run, or a checkpoint cannot be written.
        """
        try:
            return self._run()
        except Exception as error:
            if isinstance(error, UserError) or not is_disk_trouble(error):
                raise
            raise UserError(
                f"{self.output}: cannot be written to ({first_line(error)}); its checkpoints are whole; make room on that "
                "disk, and the same command continues"
            ) from error

    def _run(self) -> State:
        checkpoints = Checkpoints(self.output, self.plan)
        state, progress = self._begin(checkpoints)
        self.progress = progress
        self.reporter = Reporter(
            self.output,
            progress.step,
            self.plan.steps,
            primary=self.runtime.is_primary,
            tensorboard=self.options.tensorboard,
        )
        self.records = self.reporter.records
        self.profiler = Profiler(
            self.options.profile_steps, progress.step, self.output, self.runtime, self.reporter.say
        )
        try:
            with StopSignal(self.reporter.say) as self.signal:
                self._announce(progress)
                if not progress.step and checkpoints.latest() is None:
                    self._save(checkpoints, state, progress)  # what a fault before the first checkpoint rolls back to
                while progress.step < self.last_step:
                    try:
                        state = self._run_phase(checkpoints, state, progress)
                    except GuardError as fault:
                        state, progress = self._roll_back(checkpoints, fault, progress)
                        self.progress = progress
                checkpoints.wait()
        finally:
            try:
                checkpoints.close()
            finally:
                self.reporter.close()
        assign_weights(self.model, state["weights"])
        return state

    def _begin(self, checkpoints: Checkpoints) -> tuple[State, Progress]:
        fresh = checkpoints.latest() is None
        if fresh and self._initialise is not None:
            self._initialise(self.model)
        state = initial_state(self.model)
        if not fresh:
            return self._restore(checkpoints, state, logger.warning)
        if self.runtime.is_primary:
            write_rollbacks(self.output, ())
        return self.runtime.put_state(state), Progress()

    def _restore(self, checkpoints: Checkpoints, like: State, say: Callable[[str], None]) -> tuple[State, Progress]:
        """The newest checkpoint that can be read, and every rollback since it was written."""
        state, record = checkpoints.restore_newest(like, say, self.runtime.any_host)
        progress = Progress.from_record(record["progress"])
        progress.rollbacks = max(progress.rollbacks, read_rollbacks(self.output), key=len)
        self.watch.mean, self.watch.count = progress.loss_mean, progress.loss_count
        self.interval = Interval(progress.interval)
        return self.runtime.put_state(state), progress

    def _announce(self, progress: Progress) -> None:
        say = self.reporter.say
        if progress.step:
            say(f"continuing {self.output} at step {progress.step:,} of {self.plan.steps:,}")
        sizes = {v.path: int(np.prod(v.shape)) for v in self.model.trainable_variables}
        for line in describe(self.rules, sizes):
            say(f"optimizer: {line}")

    def _run_phase(self, checkpoints: Checkpoints, state: State, progress: Progress) -> State:
        index = self.plan.phase_index(progress.step)
        phase, first = self.plan.phases[index], self.plan.first_step(index)
        micro_batches = (self.options.accumulation or [max(p.accumulation, 1) for p in self.plan.phases])[index]
        if progress.step == first:
            self.watch.forget()
            state = self.runtime.put_state(without_moments(state)) if phase.reset_moments and first else state
        step = self._compiled_step(phase)
        source = self.data[index]
        evaluate = Evaluator(self.model, self.runtime, phase, source.evaluation) if source.evaluation else None
        start = self.plan.first_data_step(index) - first
        batches = Prefetcher(
            batches_from(source.train, progress.step, start, progress.rollbacks),
            lambda batch: self.runtime.put_batch(batch, micro_batches),
        )
        end = min(first + phase.steps, self.last_step)
        pending: deque[tuple[int, Any, float]] = deque()
        compiling: float | None = time.perf_counter()
        try:
            while progress.step < end:
                self.profiler.before(progress.step)
                batch, waited = batches.next()
                rate = learning_rate(phase.learning_rate, phase.steps, progress.step - first)
                state, metrics = self._update(step, state, batch, rate, phase)
                progress.step += 1
                pending.append((progress.step, metrics, waited))
                if compiling:  # the first update waits for the compiler, and counts for nothing in the speed
                    self._settle(phase.name, *pending.popleft())
                    self.reporter.say(f"phase {phase.name}: first update after {time.perf_counter() - compiling:.1f} s")
                    compiling = None
                    self.speed.restart()
                    self.signal.watch()
                stop = self._asked_to_stop(progress.step)
                log = progress.step % self.plan.log_every == 0 or progress.step == first + phase.steps
                judge = bool(evaluate) and self._evaluation_due(index, progress.step)
                survived = any(rollback.failed_step == progress.step for rollback in progress.rollbacks)
                save = stop or survived or progress.step == end or save_steps_due(self.plan, progress.step)
                while pending and (len(pending) > IN_FLIGHT or log or judge or save):
                    self._settle(phase.name, *pending.popleft())
                if log:
                    checkpoints.check()
                    self._log(index, progress)
                if judge and evaluate:
                    self._evaluate(evaluate, state, index, progress)
                if save:
                    self._save(checkpoints, state, progress)
                if stop:
                    checkpoints.wait()
                    self.reporter.say(f"{stop.name}: saved at step {progress.step:,}; the same command continues")
                    raise StopRequestedError(stop.value)
        finally:
            batches.close()
            self.profiler.stop(progress.step)
        return state

    def _update(
        self, step: Callable[..., Any], state: State, batch: Any, rate: float, phase: Phase
    ) -> tuple[State, Any]:
        try:
            return step(state, batch, self.runtime.put_scalar(rate))
        except Exception as error:
            if "RESOURCE_EXHAUSTED" not in str(error):
                raise
            rows = batch["input_ids"].shape[1] // self.runtime.device_count
            raise UserError(
                f"phase {phase.name}: {rows} rows of {phase.sequence_length} pieces at a time are too many for the memory of "
                f"{self.runtime.device_kind}; raise --accumulation or set model.rematerialise = true in the plan"
            ) from error

    def _compiled_step(self, phase: Phase) -> Callable[..., Any]:
        """The update of a phase; phases that differ only in their schedule share it, and so its compilation."""
        key = (phase.optimizer, phase.next_sentence_weight)
        if key not in self._steps:
            step = make_train_step(self.model, *key, self.rules)
            self._steps[key] = self.runtime.compile_step(step)
        return self._steps[key]

    def _settle(self, phase: str, step: int, metrics: Any, waited: float) -> None:
        """Wait for one update, let the guard see it and count it."""
        values = to_host(metrics)
        self.watch.check(step, values)
        self.interval.add(values)
        self.speed.add(values, waited)
        self.reporter.advance(step, phase, values["loss"])

    def _log(self, index: int, progress: Progress) -> None:
        phase = self.plan.phases[index]
        flops = self._flops(index)
        rates = self.speed.take(flops, self.runtime.peak_flops)
        per_update = rates["seconds_per_update"]
        progress.seconds += per_update * self.interval.sums["updates"]
        later = sum(self._flops(i) * p.steps for i, p in enumerate(self.plan.phases) if i > index)
        here = self.plan.first_step(index) + phase.steps - progress.step
        left = per_update * (here + later / max(flops, 1))
        record = {"kind": "train", "step": progress.step, "phase": phase.name, **self.interval.take(), **rates}
        self.reporter.record({**record, "seconds_left": left})

    def _evaluate(self, evaluate: Evaluator, state: State, index: int, progress: Progress) -> None:
        phase, started = self.plan.phases[index], time.perf_counter()
        record = {"kind": "evaluation", "step": progress.step, "phase": phase.name, "split": phase.evaluation.split}
        self.reporter.record({**record, **evaluate(state)})
        self.speed.pause(time.perf_counter() - started)

    def _evaluation_due(self, index: int, step: int) -> bool:
        phase = self.plan.phases[index]
        done = step - self.plan.first_step(index)
        return done == phase.steps or bool(phase.evaluation.every and done % phase.evaluation.every == 0)

    def _save(self, checkpoints: Checkpoints, state: State, progress: Progress) -> None:
        started = time.perf_counter()
        progress.loss_mean, progress.loss_count = self.watch.mean, self.watch.count
        progress.interval = self.interval.sums
        index = min(self.plan.phase_index(progress.step), len(self.plan.phases) - 1)
        record = {"phase": self.plan.phases[index].name, "plan": self.plan.name, "progress": progress.to_record()}
        self.reporter.flush()
        checkpoints.save(progress.step, state, record)
        self.speed.pause(time.perf_counter() - started)

    def _roll_back(self, checkpoints: Checkpoints, fault: GuardError, progress: Progress) -> tuple[State, Progress]:
        """Back to the newest checkpoint, past the batches that led to the fault and those of rollbacks before."""
        where = f"step {fault.step:,}: {fault.reason}"
        remedy = "lower learning_rate.peak or lengthen its warm-up in the plan, or look at the data of that batch"
        if fault.action == "stop":
            raise UserError(f"{where}; stopped as the plan's guard says: {remedy}")
        checkpoints.wait()
        latest = checkpoints.latest()
        before = sum(rollback.checkpoint == latest for rollback in progress.rollbacks)
        if before >= self.plan.guard.max_rollbacks:
            raise UserError(
                f"{where}, after {before} rollbacks to step {latest:,} (guard.max_rollbacks): {remedy}, "
                "or raise guard.max_rollbacks to pass over more batches"
            )
        state, restored = self._restore(checkpoints, initial_state(self.model), self.reporter.say)
        phase_start = self.plan.first_step(self.plan.phase_index(fault.step - 1))
        added = rollback_after(progress.rollbacks, fault.step, restored.step, phase_start)
        restored.rollbacks = (*progress.rollbacks, added)
        if self.runtime.is_primary:
            write_rollbacks(self.output, restored.rollbacks)
        self.reporter.take_back(restored.step)
        again = (
            f", {restored.data_offset} with those of rollbacks before" if restored.data_offset > added.batches else ""
        )
        self.reporter.say(f"{where}; rolled back to step {restored.step:,}, skipping {added.batches} batches{again}")
        self.reporter.record(
            {"kind": "rollback", "step": restored.step, "failed_step": fault.step, "reason": fault.reason}
        )
        return state, restored

    def _asked_to_stop(self, step: int) -> Any:
        if self.runtime.hosts == 1:
            return self.signal.received
        if step % ASK_HOSTS_EVERY:
            return None
        import signal

        asked = self.runtime.any_host(self.signal.received is not None)
        return (self.signal.received or signal.SIGTERM) if asked else None

    def _flops(self, index: int) -> float:
        phase = self.plan.phases[index]
        return self.model.config.flops_per_step(phase.batch, phase.sequence_length, phase.predictions)
