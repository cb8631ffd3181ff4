"""Distillation on instances of the instances job, as in pretraining."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from trainer.data.batches import Batch
from trainer.data.corpus_folder import find_folders, fit_phase, folder_for
from trainer.devices.runtime import Runtime
from trainer.distillation.teacher import Teacher, require_its_pieces
from trainer.distillation.teaching_data import TeachingData
from trainer.plans.plan import Plan
from trainer.run.model_source import ModelSource
from trainer.run.tokenization_facts import facts_of, files_to_keep
from trainer.training.loop_state import PhaseData
from trainer.training.phase_data import phase_data


def instance_data(plan: Plan, data: Sequence[str], teacher: Teacher, *, masks: bool) -> TeachingData:
    """The instances of a plan's phases, masked as they are, or without `masks` as the text was.

    Raises UserError for folders that are missing or do not fit the plan, and for those of another vocabulary.
    """
    folders = find_folders(data)
    chosen = [folder_for(phase, folders) for phase in plan.phases]
    for folder in chosen:
        require_its_pieces(teacher, folder)
    plan = plan.with_phases([fit_phase(p, folder) for p, folder in zip(plan.phases, chosen, strict=True)])

    def open_data(plan: Plan, rows: Sequence[int], runtime: Runtime) -> list[PhaseData]:
        segments = teacher.config.type_vocab_size
        found = [
            phase_data(phase, folder, plan.seed, row, runtime, teacher.pieces, segments)
            for phase, folder, row in zip(plan.phases, chosen, rows, strict=True)
        ]
        return found if masks else [_without_masks(each) for each in found]

    kept = files_to_keep(chosen[0].uri)
    manifest = chosen[0].manifest
    digest = str(manifest.vocabulary.get("sha256", "")) if manifest else ""
    source = ModelSource(teacher.name, teacher.config, digest, teacher.start.lower_case)
    return TeachingData(
        plan=plan,
        contents=[folder.content for folder in chosen],
        open=open_data,
        described=[
            {"folder": folder.uri, "instances": folder.instances(folder.train_split), "settings": dict(folder.settings)}
            for folder in chosen
        ],
        facts=facts_of(source, chosen, kept),
        kept=kept,
        vocab_sha256=digest,
    )


def without_masks(batch: Batch) -> Batch:
    """A batch with the pieces of the text in the place of masks: hidden states are compared where a text is read whole."""
    ids = batch["input_ids"].copy()
    rows, places = np.nonzero(batch["masked_lm_weights"])
    ids[rows, batch["masked_lm_positions"][rows, places]] = batch["masked_lm_ids"][rows, places]
    return {**batch, "input_ids": ids}


def _without_masks(data: PhaseData) -> PhaseData:
    def train(start: int) -> Iterator[Batch]:
        return map(without_masks, data.train(start))

    held_out = data.evaluation
    evaluation: Callable[[], Iterator[Batch]] | None = (
        (lambda: map(without_masks, held_out())) if held_out is not None else None
    )
    return dataclasses.replace(data, train=train, evaluation=evaluation)
