"""`trainer pretrain` as a function: finds and checks the data of a plan, and trains the pretraining task on it."""

from collections.abc import Mapping, Sequence
from typing import Any

from beam_jobs import storage
from beam_jobs.console.warnings import warn
from beam_jobs.errors import UserError
from beam_jobs.records import VOCABULARY_NAMES
from trainer.data.corpus_folder import CorpusFolder, check_vocabulary, find_folders, fit_phase, folder_for
from trainer.devices.runtime import Runtime, join_hosts
from trainer.export.hugging_face import require_positions
from trainer.plans.doubts import doubts_about_phases
from trainer.plans.plan import Plan
from trainer.run.model_source import ModelSource, model_source
from trainer.run.tokenization_facts import facts_of, files_to_keep
from trainer.tasks.pretraining import pretraining_of
from trainer.training.loop_state import PhaseData
from trainer.training.phase_data import phase_data
from trainer.training.train import Launch, Training, train
from vocab.vocabulary import parse_vocabulary


def pretrain(launch: Launch) -> dict[str, Any]:
    """Train on the launch's folders of instances, or continue. Returns the content of `run_logs.json`.

    Raises UserError before the first update for every mistake that can be found without training. Raises
    StopRequestedError if the launch was asked to stop; then everything is saved.
    """
    launch.validate()
    if launch.plan.distillation:
        raise UserError(
            f"plan {launch.plan.name} distils a teacher; train it with `trainer distill --teacher DIR`, which takes the same "
            "--plan, --data and --output"
        )
    join_hosts()
    folders = find_folders(launch.data)
    source = model_source(launch.plan.model, folders)
    chosen = [folder_for(phase, folders) for phase in launch.plan.phases]
    source = source.fitted_to(chosen)
    plan = launch.plan.with_phases([fit_phase(p, folder) for p, folder in zip(launch.plan.phases, chosen, strict=True)])
    for folder in chosen:
        check_vocabulary(folder, source.vocabulary_size, source.vocab_sha256, source.name, source.lower_case)
    there = [folder.instances(folder.train_split) for folder in chosen]
    warn(doubts_about_phases(plan.phases, there), launch.silence)

    def open_data(plan: Plan, rows: Sequence[int], runtime: Runtime) -> list[PhaseData]:
        phases = zip(plan.phases, chosen, rows, strict=True)
        size, segments = source.vocabulary_size, source.config.type_vocab_size
        return [phase_data(phase, folder, plan.seed, row, runtime, size, segments) for phase, folder, row in phases]

    kept = files_to_keep(chosen[0].uri)
    _check_positions(source, chosen[0].uri, kept)
    training = Training(
        plan=plan,
        task_of=pretraining_of,
        source=source,
        contents=[folder.content for folder in chosen],
        open_data=open_data,
        former_contents=[folder.former_content for folder in chosen],
        described=[_describe(folder) for folder in chosen],
        facts=facts_of(source, chosen, kept),
        kept=kept,
    )
    return train(launch, training)


def _check_positions(source: ModelSource, uri: str, kept: Mapping[str, bytes]) -> None:
    """Raise UserError if a RoBERTa's positions would not count from behind the padding piece of its vocabulary."""
    name = next((name for name in VOCABULARY_NAMES if name in kept), "")
    if name and source.config.family.first_position:
        path = storage.join(uri, name)
        require_positions(parse_vocabulary(kept[name], path), source.config, path)


def _describe(folder: CorpusFolder) -> dict[str, Any]:
    return {
        "folder": folder.uri,
        "instances": folder.instances(folder.train_split),
        "settings": dict(folder.settings),
    }
