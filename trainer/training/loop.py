"""The training loop: runs the phases of a plan, and logs, evaluates and saves between updates."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from beam_jobs.errors import UserError
from beam_jobs.storage.disk_trouble import first_line, is_disk_trouble
from trainer.devices.device_sum import over_devices
from trainer.devices.prefetch import Prefetcher
from trainer.devices.profiler import Profiler
from trainer.devices.runtime import Runtime
from trainer.devices.stop_signal import StopSignal, stop_on_every_host
from trainer.optim.exclusions import describe, rules_by_layer_type
from trainer.optim.schedule import learning_rate
from trainer.plans.plan import Phase, Plan
from trainer.run.checkpoint import Checkpoints
from trainer.run.checkpoint_keeping import save_steps_due
from trainer.run.checkpoint_layout import assign_weights
from trainer.run.reporter import Reporter, logger
from trainer.training.best import ends_early, out_of_patience
from trainer.training.evaluate import evaluator_of
from trainer.training.ledger import Ledger
from trainer.training.loop_state import LoopOptions, PhaseWork, Progress, StopRequestedError
from trainer.training.loss_guard import GuardError, require_another_try
from trainer.training.rollbacks import batches_from, read_rollbacks, rollback_after, write_rollbacks
from trainer.training.sharded_update import sharded_update
from trainer.training.step import NOTHING, Frozen, State, can_go_on, initial_state, make_train_step, with_new_optimizer

IN_FLIGHT = 2  # updates that may run while the host continues; their metrics are read that much later


class Loop:
    """One launch of a run."""

    def __init__(
        self,
        plan: Plan,
        model: keras.Model,
        work: Sequence[PhaseWork],
        runtime: Runtime,
        output: str,
        options: LoopOptions | None = None,
        initialise: Callable[[keras.Model], None] | None = None,
        frozen: Frozen = NOTHING,
    ) -> None:
        """`work` has an entry for every phase of the plan. `model` is what the tasks of all of them built. `initialise` loads
        the plan's `init.checkpoint` into it; it is called only when nothing is resumed. Tasks with `targets` take `frozen`,
        host arrays that no checkpoint holds."""
        self.plan, self.model, self.work, self.runtime, self.output = plan, model, work, runtime, output
        self.options, self._initialise = options or LoopOptions(), initialise
        self.last_step = min(self.options.last_step or plan.steps, plan.steps)
        self.rules, self.progress = rules_by_layer_type(model), Progress()
        self.records: list[dict[str, Any]] = []
        self._steps: dict[Any, Callable[..., Any]] = {}
        self._frozen = (runtime.put_whole(dict(frozen)),) if frozen else ()

    def run(self) -> State:
        """Train from the state of the output folder to the last step. The model then holds the final weights.

        Raises StopRequestedError after a SIGTERM or Ctrl-C, if there was an update to save. Raises UserError if the
        guard stops the run, or if a checkpoint cannot be written.
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
        self.ledger = Ledger(self.plan, self.work, self.model.config, self.runtime, self.reporter)
        self.profiler = Profiler(
            self.options.profile_steps, progress.step, self.output, self.runtime, self.reporter.say
        )
        try:
            with StopSignal(self.reporter.say) as self.signal:
                self._announce(progress)
                if not progress.step and checkpoints.latest() is None:
                    self._save(checkpoints, state, progress)  # for a rollback before the first regular checkpoint
                while progress.step < self.last_step and not ends_early(self.plan, progress.step, progress.best):
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
        if not fresh:
            return self._restore(checkpoints, logger.warning)
        if self.runtime.is_primary:
            write_rollbacks(self.output, ())
        return self.runtime.put_state(self._state_like(0)), Progress()

    def _restore(self, checkpoints: Checkpoints, say: Callable[[str], None]) -> tuple[State, Progress]:
        """The newest checkpoint that can be read, and every rollback since it was written."""
        state, record = checkpoints.restore_newest(self._state_like, say)
        progress = Progress.from_record(record["progress"])
        progress.rollbacks = max(progress.rollbacks, read_rollbacks(self.output), key=len)
        return self.runtime.put_state(state), progress

    def _state_like(self, step: int) -> State:
        """A state with the shapes that it has after `step` updates: the optimizer is that of the last of them."""
        return initial_state(self.model, self.work[self.plan.phase_index(max(step - 1, 0))].optimizer)

    def _announce(self, progress: Progress) -> None:
        say = self.reporter.say
        if progress.step:
            say(f"continuing {self.output} at step {progress.step:,} of {self.plan.steps:,}")
        sizes = {v.path: int(np.prod(v.shape)) for v in self.model.trainable_variables}
        for line in describe(self.rules, sizes):
            say(f"optimizer: {line}")

    def _run_phase(self, checkpoints: Checkpoints, state: State, progress: Progress) -> State:
        index = self.plan.phase_index(progress.step)
        phase, first, work = self.plan.phases[index], self.plan.first_step(index), self.work[index]
        micro_batches = (self.options.accumulation or [max(p.accumulation, 1) for p in self.plan.phases])[index]
        if progress.step == first > 0 and (phase.reset_moments or not can_go_on(state, work.optimizer)):
            state = self.runtime.put_state(with_new_optimizer(state, work.optimizer))
        self.ledger.begin(index, progress)
        step = self._compiled_step(work, state)
        evaluate = evaluator_of(self.model, work, self.runtime, *self._frozen)
        start = self.plan.first_data_step(index) - first
        batches = Prefetcher(
            batches_from(work.data.train, progress.step, start, progress.rollbacks),
            lambda batch: self.runtime.put_batch(batch, micro_batches),
        )
        end = min(first + phase.steps, self.last_step)
        pending: deque[tuple[int, Any, float]] = deque()
        compiling: float | None = time.perf_counter()
        try:
            while progress.step < end and not out_of_patience(progress.best, phase.evaluation):
                self.profiler.before(progress.step)
                batch, waited = batches.next()
                rate = learning_rate(phase.learning_rate, phase.steps, progress.step - first)
                state, metrics = self._update(step, state, batch, rate, phase)
                progress.step += 1
                pending.append((progress.step, metrics, waited))
                if compiling:  # the first update waits for the compiler, so it does not count for the speed
                    self.ledger.add(*pending.popleft())
                    self.reporter.say(f"phase {phase.name}: first update after {time.perf_counter() - compiling:.1f} s")
                    compiling = None
                    self.ledger.speed.restart()
                    self.signal.watch()
                stop = stop_on_every_host(self.signal.received, progress.step, self.runtime)
                log = progress.step % self.plan.log_every == 0 or progress.step == first + phase.steps
                judge = bool(evaluate) and phase.evaluation_due(progress.step - first)
                survived = any(rollback.failed_step == progress.step for rollback in progress.rollbacks)
                save = stop or survived or progress.step == end or save_steps_due(self.plan, progress.step)
                while pending and (len(pending) > IN_FLIGHT or log or judge or save):
                    self.ledger.add(*pending.popleft())
                if log:
                    checkpoints.check()
                    self.ledger.log(progress)
                if judge and evaluate:
                    self.ledger.evaluate(evaluate, state, progress)
                if save or (judge and phase.evaluation.metric):
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
            return step(state, batch, self.runtime.put_scalar(rate), *self._frozen)
        except Exception as error:
            if "RESOURCE_EXHAUSTED" not in str(error):
                raise
            rows = next(iter(batch.values())).shape[1] // self.runtime.device_count
            raise UserError(
                f"phase {phase.name}: {rows} rows of {phase.sequence_length} pieces at a time are too many for the memory of "
                f"{self.runtime.device_kind}; raise --accumulation or set model.rematerialise = true in the plan"
            ) from error

    def _compiled_step(self, work: PhaseWork, state: State) -> Callable[..., Any]:
        """The compiled update of a phase. Phases that differ only in their schedule share it."""
        key = (work.task, work.optimizer)
        if key not in self._steps:
            share = over_devices(self.runtime, self.plan.model.reduce_dtype)
            optimizer = sharded_update(work.optimizer, self.runtime)
            step = make_train_step(self.model, work.task, optimizer, self.rules, share)
            self._steps[key] = self.runtime.compile_step(step, state)
        return self._steps[key]

    def _save(self, checkpoints: Checkpoints, state: State, progress: Progress) -> None:
        started = time.perf_counter()
        self.ledger.keep(progress)
        index = min(self.plan.phase_index(progress.step), len(self.plan.phases) - 1)
        record = {"phase": self.plan.phases[index].name, "plan": self.plan.name, "progress": progress.to_record()}
        self.reporter.flush()
        checkpoints.protect(progress.best.steps if progress.best else ())
        checkpoints.save(progress.step, self.runtime.whole_state(state), record)
        self.ledger.speed.pause(time.perf_counter() - started)

    def _roll_back(self, checkpoints: Checkpoints, fault: GuardError, progress: Progress) -> tuple[State, Progress]:
        """Return to the newest checkpoint, and skip the batches that led to this fault and to earlier ones."""
        checkpoints.wait()
        require_another_try(fault, progress.rollbacks, checkpoints.latest(), self.plan.guard)
        state, restored = self._restore(checkpoints, self.reporter.say)
        phase_start = self.plan.first_step(self.plan.phase_index(fault.step - 1))
        added = rollback_after(progress.rollbacks, fault.step, restored.step, phase_start)
        restored.rollbacks = (*progress.rollbacks, added)
        if self.runtime.is_primary:
            write_rollbacks(self.output, restored.rollbacks)
        self.reporter.take_back(restored.step)
        again = (
            f", {restored.data_offset} with those of rollbacks before" if restored.data_offset > added.batches else ""
        )
        back = f"rolled back to step {restored.step:,}, skipping {added.batches} batches{again}"
        self.reporter.say(f"step {fault.step:,}: {fault.reason}; {back}")
        self.reporter.record(
            {"kind": "rollback", "step": restored.step, "failed_step": fault.step, "reason": fault.reason}
        )
        return state, restored
