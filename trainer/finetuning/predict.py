"""Predictions of a fine-tuned model for a file of examples, which need no labels."""

import dataclasses
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from beam_jobs.errors import UserError
from trainer.devices.runtime import current_runtime
from trainer.examples.buckets import choose_buckets
from trainer.examples.example_batches import ExampleBatches
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.labels import Labels
from trainer.export.export_folder import changed_file
from trainer.export.finetuned.load_finetuned import FinetunedModel, load_finetuned
from trainer.export.finetuned.task_form import ANSWERS, NUMBER, SEVERAL, TOKENS, TaskForm
from trainer.export.loaded_model import find_model
from trainer.export.weight_map import assign_weights
from trainer.finetuning.evaluation import logits_of_rows, make_forward, state_of
from trainer.finetuning.labelled_set import encode_set, read_examples
from trainer.finetuning.prepare import resolve, task_data, tokenizer_of
from trainer.finetuning.run_files import LABELS_NAME, TaskRecord
from trainer.finetuning.settings import ANSWER, CLASSIFY, PAIRS, REGRESS, TAG, TaskSettings
from trainer.finetuning.start import TOKENIZER_FILES, Start, read_start
from trainer.finetuning.task_data import Predicted, TaskData

logger = logging.getLogger("trainer")


@dataclass(frozen=True)
class PredictSettings:
    """Settings of a prediction that do not belong to the model."""

    columns: ColumnSettings = field(default_factory=ColumnSettings)
    batch: int = 32
    null_threshold: float | None = None  # of answers; None: the model's
    pairs: bool = False  # of a model without labels.json: its texts are pairs


def predict(model: str, uri: str, settings: PredictSettings) -> Predicted:
    """Predict every example of a file, in its order.

    Raises UserError if `model` is no fine-tuned model with its head and its vocabulary, or for a mistake in the file.
    """
    if settings.batch < 1:
        raise UserError(f"--batch is {settings.batch}: must be at least 1")
    found, data = load_task(model, settings)
    examples = read_examples(data, (uri,), "predict")
    encoded = encode_set(data, (uri,), examples, labelled=False).encoded
    built = found.build()
    assign_weights(built, found.imported)
    lengths = encoded.fields.lengths
    buckets = choose_buckets(lengths, data.settings.max_seq_length)
    batches = ExampleBatches(encoded.fields, buckets, settings.batch)
    forward = make_forward(built, data.task(0.0, ()), current_runtime(), labelled=False)
    logits, _ = logits_of_rows(forward, state_of(built), batches, lengths)
    return data.predict(examples, encoded, logits)


def load_task(model: str, settings: PredictSettings, start: Start | None = None) -> tuple[FinetunedModel, TaskData]:
    """A fine-tuned model, and its task on the pieces of its vocabulary; `start` is what was read of it already.

    Raises UserError if `model` is no fine-tuned model with its head and its vocabulary.
    """
    folder = find_model(model)
    found = load_finetuned(folder)
    _require_own_vocabulary(folder)
    record = read_record(folder, found, settings)
    tokenizer = tokenizer_of(start or read_start(str(folder)))
    return found, task_data(record.settings, Labels(found.form.labels), tokenizer, str(folder), settings.columns)


def read_record(folder: Path, model: FinetunedModel, settings: PredictSettings) -> TaskRecord:
    """labels.json of a model folder, or what config.json alone says of a folder of another tool."""
    path, form, config = folder / LABELS_NAME, model.form, model.imported.config
    if path.is_file():
        record = TaskRecord.from_bytes(path.read_bytes(), str(path))
        if record.labels != form.labels:
            raise UserError(f"{path}: names other labels than config.json; export or fine-tune the model again")
    else:
        record = TaskRecord(
            resolve(TaskSettings(_task_of(form, settings.pairs), form.problem == SEVERAL), config), form.labels
        )
    changes: dict[str, Any] = {}
    if settings.null_threshold is not None:
        changes["null_threshold"] = settings.null_threshold
    return dataclasses.replace(record, settings=dataclasses.replace(record.settings, **changes))


def _task_of(form: TaskForm, pairs: bool) -> str:
    if form.problem == NUMBER:
        return REGRESS
    return {TOKENS: TAG, ANSWERS: ANSWER}.get(form.kind, PAIRS if pairs else CLASSIFY)


def _require_own_vocabulary(folder: Path) -> None:
    """Raise UserError if the tokenizer's files are not those that the export was written with."""
    changed = changed_file(folder, TOKENIZER_FILES)
    if changed:
        raise UserError(
            f"{folder}: {changed} is not the one that the model was exported with; the pieces of another vocabulary would mean "
            "nothing to it: put the old file back, or export or fine-tune the model again"
        )
