"""Reads what the export of a run needs: its weights, and facts about them. Each is verified first."""

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.records import STATS_NAME, TOKENIZER_NAME, VOCABULARY_NAME, stats_from_json
from trainer.export.tokenizer_files import TokenizerSettings
from trainer.export.weight_map import ImportedModel
from trainer.plans.plan import Plan
from trainer.plans.writing import plan_to_toml
from trainer.run.run_folder import is_finetuned, lower_case_of, read_evaluation, read_run_at
from trainer.run.run_identity import read_facts, read_plan_of
from trainer.run.tokenization_facts import TokenizationFacts, kept_file
from trainer.tasks.pretraining import FIGURES, figures_on_card, untrained_heads


def run_to_export(
    run: str, step: int | None, *, vocab_file: str, lower_case: bool | None, with_tokenizer: bool
) -> tuple[ImportedModel, dict[str, Any]]:
    """The weights of a step, the newest that reads if none is given, and what else an export writes.

    `vocab_file` and `lower_case` come from the command line, for runs that do not have them. Raises UserError if they
    are not known at all, if a file is not the one that the run was trained with, or if there is no such checkpoint.
    """
    if is_finetuned(run):
        raise UserError(f"{run}: is a fine-tuned run, whose model is exported already; take {run}/hugging_face")
    facts, plan = read_facts(run), read_plan_of(run)
    imported, found = read_run_at(run, step)
    tokenizer = TokenizerSettings(bool(lower_case))
    if with_tokenizer:
        _check_vocabulary(run, vocab_file, facts)
        tokenizer = _tokenizer(run, lower_case, facts)
    stats = kept_file(run, STATS_NAME, facts)
    return imported, {
        "vocabulary": storage.join(run, _vocabulary_name(facts)),
        "tokenizer": tokenizer,
        "untrained": untrained_heads(plan),
        "corpus_stats": _read_stats(storage.join(run, STATS_NAME)) if stats else None,
        "plan": plan_to_toml(_without_folders(plan)),
        "results": _results(read_evaluation(run, found), figures_on_card(plan)),
    }


def _without_folders(plan: Plan) -> Plan:
    """The plan with the name alone of the checkpoint that it began with: a card is read where that path is not."""
    begin = plan.init.checkpoint.rstrip("/").rpartition("/")[2]
    return dataclasses.replace(plan, init=dataclasses.replace(plan.init, checkpoint=begin))


def _vocabulary_name(facts: TokenizationFacts | None) -> str:
    """The file that a run keeps its vocabulary in."""
    return TOKENIZER_NAME if facts and TOKENIZER_NAME in facts.files else VOCABULARY_NAME


def _check_vocabulary(run: str, vocab_file: str, facts: TokenizationFacts | None) -> None:
    """Raise UserError unless there is a vocabulary, and it is the one that the run was trained with."""
    if not vocab_file:
        if not kept_file(run, _vocabulary_name(facts), facts):
            raise UserError(
                f"{run}: the run's data came without {VOCABULARY_NAME}; name the one that it was made with by --vocab_file"
            )
        return
    wanted, content = facts.vocab_sha256 if facts else "", storage.read_if_there(vocab_file)
    if wanted and content is not None and hashlib.sha256(content).hexdigest() != wanted:
        raise UserError(
            f"--vocab_file {vocab_file}: is another vocabulary than the run was trained with (SHA-256 {wanted}); leave "
            f"--vocab_file out where {run} has its own"
        )


def _tokenizer(run: str, asked: bool | None, facts: TokenizationFacts | None) -> TokenizerSettings:
    known = lower_case_of(run)
    if asked is None and known is None:
        raise UserError(f"{run}: does not say whether its text was lower-cased; add --lower_case or --no-lower_case")
    settings = TokenizerSettings(bool(known if asked is None else asked))
    longest = facts.max_input_chars_per_word if facts else None
    return dataclasses.replace(settings, max_input_chars_per_word=longest) if longest else settings


def _read_stats(path: str) -> Any:
    try:
        return stats_from_json(storage.read_whole(path).decode("utf-8"), path)
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path}: cannot be read ({error}); copy it anew from the data, or remove it") from error


def _results(found: Mapping[str, Any] | None, names: Sequence[str]) -> dict[str, float] | None:
    """These figures of an evaluation, by the names that people give them."""
    return {FIGURES[name]: found[name] for name in names if name in found} if found else None
