"""The batches of a phase: training batches from any step on, and the held-out batches of its evaluations."""

import dataclasses
import itertools
from collections.abc import Iterator

from trainer.corpus_folder import CorpusFolder
from trainer.data.batches import Batch, BatchSettings, BatchSource, open_batches
from trainer.data.manifest import has_records
from trainer.loop_state import PhaseData
from trainer.plan import Phase
from trainer.runtime import Runtime

EVALUATION_SEED = 20181011  # held-out batches and masks are the same in every run


def phase_data(
    phase: Phase, folder: CorpusFolder, seed: int, rows_per_micro_batch: int, runtime: Runtime, vocab_size: int
) -> PhaseData:
    """Where a phase, fitted to its folder, finds its batches. No evaluation when the folder has no held-out split.

    Raises UserError for shards that are missing or do not fit.
    """
    settings = BatchSettings(
        sequence_length=phase.sequence_length,
        max_predictions=phase.predictions,
        batch_size=phase.batch,
        seed=seed,
        masking=phase.masking,
        packing=phase.packing,
        on_corrupt=phase.on_corrupt,
        vocab_size=vocab_size,
        next_sentence=phase.next_sentence_weight > 0,
    )
    source = open_batches(folder.uri, folder.train_split, settings)
    local_rows = runtime.local_rows(phase.batch, phase.batch // rows_per_micro_batch)

    def train(start: int) -> Iterator[Batch]:
        return source.batches(start, local_rows)

    held_out = _held_out(phase, folder, settings)
    rows = min(rows_per_micro_batch, held_out.rows // runtime.device_count * runtime.device_count) if held_out else 0
    if held_out is None or not rows:
        return PhaseData(train=train, skipped=lambda: dict(source.skipped))
    held_out = held_out.with_batch_size(rows)
    count = min(phase.evaluation.batches, held_out.rows // rows)
    held_out_batches, held_out_rows = held_out.batches, runtime.local_rows(rows, 1)

    def evaluation() -> Iterator[Batch]:
        return itertools.islice(held_out_batches(0, held_out_rows), count)

    return PhaseData(train=train, evaluation=evaluation if count else None, skipped=lambda: dict(source.skipped))


def _held_out(phase: Phase, folder: CorpusFolder, settings: BatchSettings) -> BatchSource | None:
    split = phase.evaluation.split
    if not phase.evaluation.batches or not has_records(folder.uri, split):
        return None
    return open_batches(folder.uri, split, dataclasses.replace(settings, seed=EVALUATION_SEED))
