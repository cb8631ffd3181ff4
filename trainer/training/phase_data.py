"""Opens the batches of a phase: training batches from any step on, and held-out batches for evaluations."""

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np

from trainer.data.batches import Batch, BatchSettings, BatchSource, open_batches
from trainer.data.corpus_folder import CorpusFolder
from trainer.data.split import has_records
from trainer.devices.runtime import Runtime
from trainer.plans.plan import Phase
from trainer.training.loop_state import PhaseData

EVALUATION_SEED = 20181011  # held-out batches and masks are the same in every run


def phase_data(
    phase: Phase,
    folder: CorpusFolder,
    seed: int,
    rows_per_micro_batch: int,
    runtime: Runtime,
    vocab_size: int,
    segments: int = 2,
) -> PhaseData:
    """The batches of a phase, which has been fitted to its folder. Without a held-out split there is no evaluation.

    Records must have piece ids below `vocab_size` and segment ids below `segments`.

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
        segments=segments,
        labels=max(folder.labels, 2),  # records without labels hold zeros
        next_sentence=phase.next_sentence_weight > 0,
    )
    source = open_batches(folder.uri, folder.train_split, settings)
    local_rows = runtime.local_rows(phase.batch, phase.batch // rows_per_micro_batch)

    def train(start: int) -> Iterator[Batch]:
        return source.batches(start, local_rows)

    held_out = _held_out(phase, folder, settings)
    evaluation = _evaluation(held_out, phase, rows_per_micro_batch, runtime) if held_out else None
    return PhaseData(train=train, evaluation=evaluation, skipped=lambda: dict(source.skipped))


def _evaluation(held_out: BatchSource, phase: Phase, most_rows: int, runtime: Runtime) -> Callable[[], Iterator[Batch]]:
    """The first `evaluation.batches` x `batch` rows of a held-out split, or all of them where it has fewer.

    A batch has at most `most_rows` rows, for which the devices have memory. That number depends on `--accumulation` and
    the number of devices, but the rows that are evaluated do not: the last batch is filled up with empty rows, whose
    weights are 0.
    """
    wanted = min(phase.evaluation.batches * phase.batch, held_out.rows)
    devices = runtime.device_count
    rows = min(most_rows, -(-wanted // devices) * devices)
    source, local_rows = held_out.with_batch_size(rows), runtime.local_rows(rows, 1)

    def evaluation() -> Iterator[Batch]:
        batches = source.batches(0, local_rows)
        for first in range(0, wanted, rows):
            yield _only_first(next(batches), wanted - first)

    return evaluation


def _only_first(batch: Batch, rows: int) -> Batch:
    """The batch with all rows after the first `rows` empty, like those of damaged records."""
    if rows >= len(batch["input_ids"]):
        return batch
    return {name: np.concatenate([values[:rows], np.zeros_like(values[rows:])]) for name, values in batch.items()}


def _held_out(phase: Phase, folder: CorpusFolder, settings: BatchSettings) -> BatchSource | None:
    split = phase.evaluation.split
    if not phase.evaluation.batches or not has_records(folder.uri, split):
        return None
    return open_batches(folder.uri, split, dataclasses.replace(settings, seed=EVALUATION_SEED))
