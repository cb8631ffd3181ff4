"""The batches of a phase: training batches from any step on, and the held-out batches of its evaluations."""

import itertools
from collections.abc import Iterator

import numpy as np

from trainer.corpus_folder import CorpusFolder
from trainer.loop_state import PhaseData
from trainer.plan import Phase

EVALUATION_SEED = 20181011  # held-out batches and masks are the same in every run


def phase_data(phase: Phase, folder: CorpusFolder, seed: int, rows_per_micro_batch: int, devices: int) -> PhaseData:
    """Where a phase, fitted to its folder, finds its batches. No evaluation when the folder has no held-out split."""
    from trainer.data.batches import open_batches

    def batches(split: str, rows: int, seed: int, start: int) -> Iterator[dict[str, np.ndarray]]:
        return open_batches(
            folder.uri,
            split=split,
            sequence_length=phase.sequence_length,
            max_predictions=phase.predictions,
            batch_size=rows,
            seed=seed,
            start_step=start,
            masking=phase.masking,
            packing=phase.packing,
            on_corrupt=phase.on_corrupt,
        )

    def train(start: int) -> Iterator[dict[str, np.ndarray]]:
        return batches(folder.train_split, phase.batch, seed, start)

    held_out = folder.instances(phase.evaluation.split) or 0
    rows = min(rows_per_micro_batch, held_out // devices * devices)
    count = min(phase.evaluation.batches, held_out // rows) if rows else 0

    def evaluation() -> Iterator[dict[str, np.ndarray]]:
        return itertools.islice(batches(phase.evaluation.split, rows, EVALUATION_SEED, 0), count)

    return PhaseData(train=train, evaluation=evaluation if count else None)
