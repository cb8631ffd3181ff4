"""Writes a Hugging Face folder with the head of a task, which AutoModelForSequenceClassification,
AutoModelForTokenClassification or AutoModelForQuestionAnswering loads with no key missing and none unexpected.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from safetensors.numpy import save_file

from trainer.export.export_folder import written_folder
from trainer.export.finetuned.load_finetuned import load_finetuned
from trainer.export.finetuned.task_form import POOLER_OF_ROBERTA, TaskForm, tensor_of
from trainer.export.hugging_face import CARD_NAME, CONFIG_NAME, FORM, WEIGHTS_NAME, turned
from trainer.export.hugging_face_names import hugging_face_config, tensor_names
from trainer.export.parity import ExportMismatchError, require_same_model
from trainer.export.weight_map import read_weights
from trainer.model.config import BertConfig
from trainer.model.encoder_with_heads import EncoderWithHeads
from trainer.model.family import ROBERTA


def save_finetuned(
    model: EncoderWithHeads,
    form: TaskForm,
    folder: str | Path,
    *,
    head_dropout: float,
    pad_id: int,
    card: str,
    files: Mapping[str, bytes],
) -> float:
    """Write the folder, read it back and compare it, then rename it to its final name.

    Args:
        model: the model with the head of `form`.
        form: its task.
        folder: where to write; an earlier export there, unchanged since, is replaced.
        head_dropout: the rate that the head was trained with, for those who train on.
        pad_id: of the vocabulary's padding piece.
        card: the text of README.md.
        files: more files of the folder, by name: those of the tokenizer, and `labels.json`.

    Returns:
        The largest difference between the logits of the model and of what was read back.

    Raises:
        UserError: `folder` holds something else.
        ExportMismatchError: what was read back differs.
    """
    names = {**tensor_names(model.config), **_head_tensors(form, model.config)}
    tensors = {names[name]: turned(name, value) for name, value in read_weights(model).items()}
    content = hugging_face_config(model.config, pad_id) | form.settings(model.config, head_dropout)
    with written_folder(folder, FORM) as writing:
        text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        (writing / CONFIG_NAME).write_text(text, encoding="utf-8")
        save_file(tensors, writing / WEIGHTS_NAME, metadata={"format": "pt"})
        for name, data in files.items():
            (writing / name).write_bytes(data)
        (writing / CARD_NAME).write_text(card, encoding="utf-8")
        found = load_finetuned(writing)
        if found.form != form:
            raise ExportMismatchError(f"{folder}: the task read back as {found.form}, written {form}")
        return require_same_model(model, found.imported)


def _head_tensors(form: TaskForm, config: BertConfig) -> dict[str, str]:
    head = form.head
    layers = {head.name: tensor_of(head.name, config, head.on_pieces)}
    if config.family is ROBERTA and not head.on_pieces:
        layers["pooler"] = POOLER_OF_ROBERTA
    kinds = ("kernel", "weight"), ("bias", "bias")
    return {f"{ours}/{kind}": f"{theirs}.{name}" for ours, theirs in layers.items() for kind, name in kinds}
