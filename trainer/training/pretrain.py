"""Everything before the first update: data, network, devices and output are found, checked against each other and joined."""

import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from beam_jobs.errors import UserError
from trainer.data.corpus_folder import CorpusFolder, check_vocabulary, find_folders, fit_phase, folder_for
from trainer.devices.memory import choose_accumulation
from trainer.devices.runtime import Runtime, current_runtime, join_hosts
from trainer.export.load import load_checkpoint
from trainer.export.weight_map import ImportedModel, assign_weights
from trainer.model.bert import build_pretrainer
from trainer.model.config import BertConfig
from trainer.plans.plan import Plan
from trainer.plans.settings import Initialisation
from trainer.run.checkpoint import Checkpoints
from trainer.run.identity import claim_output, identity_hash, identity_of, read_facts, read_identity, require_free
from trainer.run.init_identity import init_difference, weights_digest
from trainer.run.model_source import ModelSource, model_source
from trainer.run.output_lock import only_run_in
from trainer.run.reporter import logger
from trainer.run.run_facts import RunFacts, facts_of, files_to_keep
from trainer.run.run_folder import is_run_folder, read_run, read_run_log, write_run_log
from trainer.training.follow_checkpoint import differences, follow_checkpoint
from trainer.training.loop import Loop
from trainer.training.loop_state import LoopOptions, PhaseData, StopRequestedError
from trainer.training.phase_data import phase_data
from trainer.training.run_results import hardware, results
from trainer.training.vocabulary_rows import check_pieces, fit_rows


@dataclass(frozen=True)
class Launch:
    """One launch of a run: the plan, already changed by the command line, and where things are."""

    plan: Plan
    data: tuple[str, ...]
    output: str
    max_steps: int = 0
    accumulation: int = 0
    profile_steps: range = range(0)
    tensorboard: bool = True


def pretrain(launch: Launch) -> dict[str, Any]:
    """Train, or go on training; returns the content of `run_logs.json`.

    Every mistake that can be seen beforehand is a UserError before the first update. StopRequestedError when the launch
    was asked to stop: everything is saved then.
    """
    join_hosts()
    folders = find_folders(launch.data)
    source = model_source(launch.plan.model, folders)
    chosen = [folder_for(phase, folders) for phase in launch.plan.phases]
    plan = launch.plan.with_phases([fit_phase(p, folder) for p, folder in zip(launch.plan.phases, chosen, strict=True)])
    for folder in chosen:
        check_vocabulary(folder, source.vocabulary_size, source.vocab_sha256, source.name, source.lower_case)

    def data_of(plan: Plan, rows: Sequence[int], runtime: Runtime) -> list[PhaseData]:
        phases = zip(plan.phases, chosen, rows, strict=True)
        size, segments = source.vocabulary_size, source.config.type_vocab_size
        return [phase_data(phase, folder, plan.seed, row, runtime, size, segments) for phase, folder, row in phases]

    kept = files_to_keep(chosen[0].uri)
    contents = [folder.content for folder in chosen]
    former = [folder.former_content for folder in chosen]
    facts = facts_of(source, chosen, kept)
    return train(
        launch, plan, source, contents, data_of, former=former, described=_describe(chosen), facts=facts, kept=kept
    )


def train(
    launch: Launch,
    plan: Plan,
    source: ModelSource,
    contents: Sequence[str],
    data_of: Callable[[Plan, Sequence[int], Runtime], Sequence[PhaseData]],
    *,
    former: Sequence[str] = (),
    described: Any = None,
    facts: RunFacts | None = None,
    kept: Mapping[str, bytes] = MappingProxyType({}),
) -> dict[str, Any]:
    """`pretrain` once the data is found: `data_of(plan, rows per micro batch, runtime)` opens it, `contents` name it.

    `former` is what earlier versions called the contents. `described` goes into run_logs.json, `facts` and the files `kept`
    of the data beside the checkpoints: see `run_facts.py`.
    """
    runtime = current_runtime()
    step = _standing(launch.output)
    config, imported = _network(plan, source, launch.output, step)
    _check_positions(plan, config)
    if step is not None:
        _check_init(plan.init, launch.output)
    identity: Mapping[str, Any] = identity_of(
        plan, config, contents, weights_digest(imported.weights) if imported else ""
    )
    facts = facts or facts_of(source)
    if step is None and runtime.is_primary:
        require_free(launch.output)
    with only_run_in(launch.output, logger.warning, primary=runtime.is_primary, any_host=runtime.any_host):
        if _standing(launch.output) != step:
            raise UserError(f"{launch.output}: another process has just trained into it; give the same command again")
        identity = claim_output(
            launch.output, plan, identity, step, write=runtime.is_primary, former_data=former, facts=facts, kept=kept
        )
        memory, devices = runtime.device_memory, runtime.device_count
        micro_batches = tuple(
            choose_accumulation(config, plan.model, phase, devices, memory, launch.accumulation)
            for phase in plan.phases
        )
        rows = [phase.batch // count for phase, count in zip(plan.phases, micro_batches, strict=True)]
        data = data_of(plan, rows, runtime)
        if runtime.is_primary and imported and is_run_folder(plan.init.checkpoint):
            other = (read_facts(plan.init.checkpoint) or RunFacts()).difference(facts)
            if other:
                logger.warning(f"{plan.init.checkpoint}: its weights know other pieces: {other}")
        if runtime.is_primary and imported:
            for line in differences(source.config, imported.config, plan.model.config):
                logger.info(f"{plan.init.checkpoint}: {line}")
        if runtime.is_primary and config.vocab_size != source.vocabulary_size:
            logger.info(f"word table: {config.vocab_size:,} rows for {source.vocabulary_size:,} pieces, padded")
        _tell(plan, runtime, micro_batches, data, imported)
        model = build_pretrainer(
            config, compute_dtype=plan.model.compute_dtype, rematerialise=plan.model.rematerialise, seed=plan.seed
        )
        options = LoopOptions(
            last_step=launch.max_steps,
            accumulation=micro_batches,
            profile_steps=launch.profile_steps,
            tensorboard=launch.tensorboard,
        )
        fitted = fit_rows(imported, config.vocab_size, source.vocabulary_size) if imported else None
        initialise = (lambda built: assign_weights(built, fitted)) if fitted else None
        loop = Loop(plan, model, data, runtime, launch.output, options, initialise)
        log = {
            "run_name": plan.name,
            "plan_hash": identity_hash(identity),
            "command": sys.argv,
            "settings": plan.to_json(),
            "model_class": source.name,
            "lower_case": facts.lower_case,
            "config": config.to_dict(),
            "data": described,
            "hardware": hardware(runtime, micro_batches),
        }
        status = "failed"
        try:
            loop.run()
            status = "finished" if loop.last_step == plan.steps else "stopped at --max_steps"
        except (StopRequestedError, KeyboardInterrupt):
            status = "stopped by a signal"
            raise
        finally:
            if runtime.is_primary:
                with contextlib.suppress(*([] if status == "finished" else [OSError])):  # a full disk is told already
                    write_run_log(launch.output, {**log, "status": status, **results(loop, plan)})
        return read_run_log(launch.output)


def _standing(output: str) -> int | None:
    """The step of the newest checkpoint; None when there is none."""
    if not is_run_folder(output) or not Checkpoints.there(output):
        return None
    checkpoints = Checkpoints(output)
    try:
        return checkpoints.latest()
    finally:
        checkpoints.close()


def _network(plan: Plan, source: ModelSource, output: str, step: int | None) -> tuple[BertConfig, ImportedModel | None]:
    """The network, and the weights to begin with; a run that has begun keeps what it followed then."""
    if not plan.init.checkpoint:
        return source.config, None
    named = plan.model.config
    if step is not None:
        kept = read_identity(output)["run"]["config"]
        return follow_checkpoint(
            source.config, {**source.config.to_dict(), **kept}, named, source.vocabulary_size
        ), None
    imported = read_initial(plan.init)
    check_pieces(plan.init.checkpoint, imported.config.vocab_size, source.vocabulary_size)
    config = follow_checkpoint(source.config, imported.config.to_dict(), named, source.vocabulary_size)
    return config, imported


def _check_init(init: Initialisation, output: str) -> None:
    """Raise UserError when a run that has begun did not begin with the checkpoint that the plan names."""
    is_run = bool(init.checkpoint) and is_run_folder(init.checkpoint)
    found = read_identity(output)["run"]
    difference = init_difference(found, init.checkpoint, is_run, lambda: read_initial(init).weights)
    if difference:
        raise UserError(
            f"{output} holds another run: {difference}; name another --output, or the plan it was made with"
        )


def read_initial(init: Initialisation) -> ImportedModel:
    """The checkpoint that a plan begins with: a foreign one, or another run's output folder."""
    if is_run_folder(init.checkpoint):
        return read_run(init.checkpoint)
    return load_checkpoint(init.checkpoint, allow_missing=init.allow_missing)


def _check_positions(plan: Plan, config: BertConfig) -> None:
    for phase in plan.phases:
        if phase.sequence_length > config.max_position_embeddings:
            raise UserError(
                f"phase {phase.name} has sequence_length {phase.sequence_length}, but the model has only "
                f"{config.max_position_embeddings} positions; set model.config.max_position_embeddings in the plan"
            )


def _tell(
    plan: Plan,
    runtime: Runtime,
    micro_batches: Sequence[int],
    data: Sequence[PhaseData],
    imported: ImportedModel | None,
) -> None:
    if not runtime.is_primary:
        return
    if imported:
        logger.info(imported.describe())
    for phase, count, source in zip(plan.phases, micro_batches, data, strict=True):
        rows = phase.batch // (count * runtime.device_count)
        logger.info(
            f"phase {phase.name}: {phase.steps:,} steps of {phase.batch:,} at length {phase.sequence_length}, "
            f"{runtime.device_count} x {rows} rows x {count} micro batches on {runtime.device_kind}"
        )
        if phase.evaluation.batches and source.evaluation is None:
            logger.info(
                f"phase {phase.name}: no {phase.evaluation.split} shards in its data, so no evaluation; "
                "segment with --dev_fraction to have some"
            )


def _describe(folders: Sequence[CorpusFolder]) -> list[dict[str, Any]]:
    return [{"folder": f.uri, "instances": f.instances(f.train_split), "settings": dict(f.settings)} for f in folders]
