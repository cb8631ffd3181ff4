"""One launch of any training: checks network, devices and output against each other, and runs the loop."""

import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.storage.paths import STORES, scheme_of
from trainer.devices.hardware import platform_of
from trainer.devices.memory import Need, choose_accumulation
from trainer.devices.runtime import Runtime, current_runtime
from trainer.export.weight_map import ImportedModel, assign_weights
from trainer.model.attention.kernel import choose_kernel
from trainer.model.config import BertConfig
from trainer.optim.optimizer import Optimizer
from trainer.optim.optimizers import optimizer_of
from trainer.plans.plan import Phase, Plan
from trainer.plans.settings import Initialisation, OptimizerSettings
from trainer.run.checkpoint import Checkpoints
from trainer.run.init_identity import weights_digest
from trainer.run.model_source import ModelSource
from trainer.run.output_lock import only_run_in
from trainer.run.reporter import logger
from trainer.run.run_folder import is_run_folder, read_run_log, write_run_log
from trainer.run.run_identity import claim_output, identity_hash, identity_of, read_facts, require_free
from trainer.run.tokenization_facts import TokenizationFacts, facts_of
from trainer.tasks.task import Task
from trainer.training.best import ends_early, require_metric
from trainer.training.follow_checkpoint import differences
from trainer.training.initial_network import initial_network
from trainer.training.loop import Loop
from trainer.training.loop_state import LoopOptions, PhaseData, PhaseWork, StopRequestedError
from trainer.training.run_results import hardware, results
from trainer.training.step import NOTHING, Frozen
from trainer.training.vocabulary_rows import fit_rows


@dataclass(frozen=True)
class Launch:
    """One launch of a run: the plan, with the changes of the command line, and the places of data and output."""

    plan: Plan
    data: tuple[str, ...]
    output: str
    max_steps: int = 0
    accumulation: int = 0
    profile_steps: range = range(0)
    tensorboard: bool = True
    silence: tuple[str, ...] = ()  # warnings that are not given

    def validate(self) -> None:
        """Raise UserError if the output is where no run, or not this one, can be written."""
        scheme = scheme_of(self.output)
        if scheme not in ("", *STORES):
            raise UserError(
                f"--output {self.output}: checkpoints cannot be written there; name a folder on a local or mounted disk, or "
                "an address at gs:// or s3://"
            )
        if scheme and self.profile_steps:
            raise UserError(
                f"--profile_steps: traces are written to a local disk, not to {self.output}; leave it out, or name a local "
                "--output for a short run"
            )
        storage.absolute(self.output)


@dataclass(frozen=True)
class Training:
    """What is trained, after its data has been found."""

    plan: Plan  # the launch's, fitted to the data
    task_of: Callable[[Phase], Task]  # the tasks of all phases build the same model
    source: ModelSource
    contents: Sequence[Any]  # identifies the content of each phase's data: JSON values, of which a difference is named
    open_data: Callable[
        [Plan, Sequence[int], Runtime], Sequence[PhaseData]
    ]  # from the rows per micro batch of each phase
    optimizer_of: Callable[[OptimizerSettings], Optimizer] = optimizer_of
    read_initial: Callable[[Initialisation], ImportedModel] | None = None  # the plan's checkpoint, as the tasks' model
    former_contents: Sequence[str] = ()  # the contents as earlier versions identified them
    described: Any = None  # the data, for run_logs.json
    facts: TokenizationFacts | None = None  # kept in plan.json: see tokenization_facts.py
    kept: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))  # files of the data, kept beside it
    frozen: Frozen = field(default_factory=lambda: NOTHING)  # what tasks with `targets` take: host arrays
    learns_from: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))  # identifies them: JSON values


def train(launch: Launch, training: Training) -> dict[str, Any]:
    """Train, or continue. Returns the content of `run_logs.json`. Raises as `pretrain` does."""
    launch.validate()
    plan, source = training.plan, training.source
    runtime = current_runtime(shard_moments=plan.model.shard_moments)
    step = _newest_checkpoint(launch.output)
    config, imported = initial_network(plan, source, launch.output, step, training.read_initial)
    digest = weights_digest(imported.weights) if imported else ""
    identity: Mapping[str, Any] = identity_of(plan, config, training.contents, digest, training.learns_from)
    facts = training.facts or facts_of(source)
    if step is None and runtime.is_primary:
        require_free(launch.output)
    with only_run_in(launch.output, logger.warning, primary=runtime.is_primary, any_host=runtime.any_host):
        if _newest_checkpoint(launch.output) != step:
            raise UserError(f"{launch.output}: another process has just trained into it; give the same command again")
        identity = claim_output(
            launch.output,
            plan,
            identity,
            step,
            write=runtime.is_primary,
            former_data=training.former_contents,
            facts=facts,
            kept=training.kept,
        )
        tasks = [training.task_of(phase) for phase in plan.phases]
        optimizers = [training.optimizer_of(phase.optimizer) for phase in plan.phases]
        needs = [
            Need(
                config,
                plan.model,
                task.head_size(config, phase),
                optimizer.bytes_per_weight,
                platform_of(runtime.device_kind),
                runtime.device_kind,
            )
            for phase, task, optimizer in zip(plan.phases, tasks, optimizers, strict=True)
        ]
        memory, devices = runtime.device_memory, runtime.device_count
        micro_batches = tuple(
            choose_accumulation(need, phase, devices, memory, launch.accumulation)
            for phase, need in zip(plan.phases, needs, strict=True)
        )
        rows = [phase.batch // count for phase, count in zip(plan.phases, micro_batches, strict=True)]
        data = training.open_data(plan, rows, runtime)
        for phase, task, each in zip(plan.phases, tasks, data, strict=True):
            if each.evaluator is None:
                require_metric(phase, task.figures)
        work = [PhaseWork(*parts) for parts in zip(tasks, optimizers, data, strict=True)]
        if runtime.is_primary:
            _tell_origin(plan, config, source, imported, facts)
            _tell_phases(plan, runtime, micro_batches, data)
        attention = choose_kernel(plan.model.attention, runtime.platform, config, runtime.mesh, runtime.device_kind)
        if runtime.is_primary:
            logger.info(f"attention: {attention}, by model.attention = {plan.model.attention!r}")
            if plan.model.shard_moments:
                logger.info(
                    f"moments: {'in parts' if runtime.shards else 'whole'} on {devices} device{'s'[: devices > 1]}"
                )
        model = tasks[0].build(
            config,
            compute_dtype=plan.model.compute_dtype,
            rematerialise=plan.model.rematerialise,
            seed=plan.seed,
            attention=attention,
        )
        options = LoopOptions(
            last_step=launch.max_steps,
            accumulation=micro_batches,
            profile_steps=launch.profile_steps,
            tensorboard=launch.tensorboard,
        )
        fitted = fit_rows(imported, config.vocab_size, source.vocabulary_size) if imported else None
        initialise = (lambda built: assign_weights(built, fitted)) if fitted else None
        loop = Loop(plan, model, work, runtime, launch.output, options, initialise, training.frozen)
        log = {
            "run_name": plan.name,
            "plan_hash": identity_hash(identity),
            "command": sys.argv,
            "settings": plan.to_json(),
            "model_class": source.name,
            "lower_case": facts.lower_case,
            "config": config.to_dict(),
            "data": training.described,
            "hardware": hardware(runtime, micro_batches),
        }
        _run(loop, log)
        return read_run_log(launch.output)


def _run(loop: Loop, log: Mapping[str, Any]) -> None:
    """Run the loop, and write `run_logs.json` in any case."""
    status = "failed"
    try:
        loop.run()
        whole = loop.last_step == loop.plan.steps or ends_early(loop.plan, loop.progress.step, loop.progress.best)
        status = "finished" if whole else "stopped at --max_steps"
    except (StopRequestedError, KeyboardInterrupt):
        status = "stopped by a signal"
        raise
    finally:
        if loop.runtime.is_primary:
            with contextlib.suppress(*([] if status == "finished" else [OSError])):  # a full disk is reported already
                write_run_log(loop.output, {**log, "status": status, **results(loop)})


def _newest_checkpoint(output: str) -> int | None:
    """The step of the newest checkpoint; None when there is none."""
    if not is_run_folder(output) or not Checkpoints.there(output):
        return None
    checkpoints = Checkpoints(output)
    try:
        return checkpoints.latest()
    finally:
        checkpoints.close()


def _tell_origin(
    plan: Plan, config: BertConfig, source: ModelSource, imported: ImportedModel | None, facts: TokenizationFacts
) -> None:
    """Log where the weights come from, and where this differs from the plan and the data."""
    checkpoint = plan.init.checkpoint
    if imported and is_run_folder(checkpoint):
        other = (read_facts(checkpoint) or TokenizationFacts()).difference(facts)
        if other:
            logger.warning(f"{checkpoint}: its weights know other pieces: {other}")
    if imported:
        for line in differences(source.config, imported.config, plan.model.config):
            logger.info(f"{checkpoint}: {line}")
    if config.vocab_size != source.vocabulary_size:
        logger.info(f"word table: {config.vocab_size:,} rows for {source.vocabulary_size:,} pieces, padded")
    if imported:
        logger.info(imported.describe())


def _tell_phases(plan: Plan, runtime: Runtime, micro_batches: Sequence[int], data: Sequence[PhaseData]) -> None:
    for phase, count, source in zip(plan.phases, micro_batches, data, strict=True):
        rows = phase.batch // (count * runtime.device_count)
        logger.info(
            f"phase {phase.name}: {phase.steps:,} steps of {phase.batch:,} at length {phase.sequence_length}, "
            f"{runtime.device_count} x {rows} rows x {count} micro batches on {runtime.device_kind}"
        )
        if phase.evaluation.batches and source.evaluation is None and source.evaluator is None:
            logger.info(
                f"phase {phase.name}: no {phase.evaluation.split} shards in its data, so no evaluation; "
                "segment with --dev_fraction to have some"
            )
