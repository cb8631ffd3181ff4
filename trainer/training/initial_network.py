"""Finds the network of a run and its initial weights: random ones, or those of the plan's checkpoint."""

from collections.abc import Callable

from beam_jobs.errors import UserError
from trainer.export.load import load_checkpoint
from trainer.export.weight_map import ImportedModel
from trainer.model.config import BertConfig
from trainer.plans.plan import Plan
from trainer.plans.settings import Initialisation
from trainer.run.init_identity import init_difference
from trainer.run.model_source import ModelSource
from trainer.run.run_folder import is_finetuned, is_run_folder, read_run
from trainer.run.run_identity import read_identity
from trainer.training.follow_checkpoint import follow_checkpoint
from trainer.training.vocabulary_rows import check_pieces

ReadInitial = Callable[[Initialisation], ImportedModel]


def read_initial(init: Initialisation) -> ImportedModel:
    """The checkpoint that a plan begins with: a foreign one, or another run's output folder."""
    if is_finetuned(init.checkpoint):
        raise UserError(
            f"{init.checkpoint}: is a fine-tuned run, without heads of pretraining; begin with {init.checkpoint}/hugging_face "
            "and --allow_missing masked_lm next_sentence"
        )
    if is_run_folder(init.checkpoint):
        return read_run(init.checkpoint)
    return load_checkpoint(init.checkpoint, allow_missing=init.allow_missing)


def initial_network(
    plan: Plan,
    source: ModelSource,
    output: str,
    step: int | None,
    read: ReadInitial | None = None,
) -> tuple[BertConfig, ImportedModel | None]:
    """The network, and its initial weights if they come from a checkpoint, as `read` (or else `read_initial`) gives them, and the run has not begun.

    A run that has begun (`step` is not None) keeps the settings that it took from its checkpoint then. Raises UserError
    if it began with another checkpoint than the plan names, or if the checkpoint does not fit.
    """
    read = read or read_initial
    config, imported = _network(plan, source, output, step, read)
    for phase in plan.phases:
        if phase.sequence_length > config.longest_text:
            raise UserError(
                f"phase {phase.name} has sequence_length {phase.sequence_length}, but the model has only "
                f"{config.longest_text} positions; set model.config.max_position_embeddings in the plan"
            )
    if step is not None:
        _check_init(plan.init, output, read)
    return config, imported


def _network(
    plan: Plan, source: ModelSource, output: str, step: int | None, read: ReadInitial
) -> tuple[BertConfig, ImportedModel | None]:
    if not plan.init.checkpoint:
        return source.config, None
    named = plan.model.config
    if step is not None:
        kept = read_identity(output)["run"]["config"]
        return follow_checkpoint(
            source.config, {**source.config.to_dict(), **kept}, named, source.vocabulary_size
        ), None
    imported = read(plan.init)
    check_pieces(plan.init.checkpoint, imported.config.vocab_size, source.vocabulary_size)
    config = follow_checkpoint(source.config, imported.config.to_dict(), named, source.vocabulary_size)
    return config, imported


def _check_init(init: Initialisation, output: str, read: ReadInitial) -> None:
    """Raise UserError when a run that has begun did not begin with the checkpoint that the plan names."""
    is_run = bool(init.checkpoint) and is_run_folder(init.checkpoint)
    found = read_identity(output)["run"]
    difference = init_difference(found, init.checkpoint, is_run, lambda: read(init).weights)
    if difference:
        raise UserError(
            f"{output} holds another run: {difference}; name another --output, or the plan it was made with"
        )
