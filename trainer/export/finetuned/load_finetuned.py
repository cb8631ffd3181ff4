"""Reads a model folder with the head of a task, and makes of any checkpoint the initial weights of a task's model."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from beam_jobs.errors import UserError
from trainer.export.finetuned.task_form import TaskForm, read_task_form, tensor_of
from trainer.export.hugging_face import CONFIG_NAME, load_hugging_face, read_json
from trainer.export.weight_map import ImportedModel
from trainer.model.config import HEADS
from trainer.model.encoder_with_heads import EncoderWithHeads
from trainer.model.task_heads import TaskHead, build_with_task_head

_POOLER = "pooler"


@dataclass(frozen=True)
class FinetunedModel:
    """A model with the head of a task: `imported.weights` are all of its weights, the head's included."""

    imported: ImportedModel
    form: TaskForm

    def build(self) -> EncoderWithHeads:
        """The network, with weights of zeros, for `assign_weights`."""
        return build_with_task_head(self.form.head, self.imported.config, seed=None)


def load_finetuned(folder: str | Path) -> FinetunedModel:
    """Read a folder of transformers' Bert, Albert or Roberta ForSequenceClassification, ForTokenClassification or
    ForQuestionAnswering.

    Raises UserError if it is no such folder, or if it is damaged or lacks its head.
    """
    path = Path(folder) / CONFIG_NAME
    content = read_json(path)
    form = read_task_form(content, str(path))
    if form is None:
        raise UserError(
            f"{folder}: has no head of a task (its config.json says {content.get('architectures')}); fine-tune it first, "
            "or name a fine-tuned model"
        )
    imported = load_hugging_face(folder, allow_missing=HEADS)
    head = form.head
    wanted = {f"{head.name}/kernel": (imported.config.hidden_size, head.outputs), f"{head.name}/bias": (head.outputs,)}
    for name, shape in wanted.items():
        found = imported.task_head.get(name)
        if found is None or found.shape != shape:
            there = "is missing" if found is None else f"has the shape {found.shape} and not {shape}"
            theirs = tensor_of(head.name, imported.config, head.on_pieces)
            tensor = name.replace(head.name, theirs).replace("kernel", "weight").replace("/", ".")
            raise UserError(f"{folder}: the head of its task, {tensor}, {there}; fine-tune or export it again")
    missing = [name for name in imported.initialised if name.startswith(_POOLER)]
    if missing and not head.on_pieces:
        raise UserError(f"{folder}: lacks {', '.join(missing)}, through which its head reads; export it again")
    return FinetunedModel(with_task_head(imported, head, keep_head=True), form)


def with_task_head(imported: ImportedModel, head: TaskHead, *, keep_head: bool) -> ImportedModel:
    """The checkpoint as initial weights of a model with `head`: without the heads of pretraining.

    With `keep_head` the head is that of the checkpoint, otherwise it stays as drawn. A pooler that is missing or that was
    never trained, and that the head needs, stays as drawn too. `initialised` names them.
    """
    drop_pooler = head.on_pieces or _POOLER in imported.untrained
    heads = {name for name in HEADS if name != _POOLER or drop_pooler}
    weights = {name: value for name, value in imported.weights.items() if name.split("/")[0] not in heads}
    drawn = [f"{head.name}/kernel", f"{head.name}/bias"]
    passed_over = tuple(name for name in imported.passed_over if not name.startswith("the task's head"))
    if keep_head:
        weights |= {name: imported.task_head[name] for name in drawn}
        drawn = []
    elif imported.task_head:
        passed_over = imported.passed_over
    if not head.on_pieces:
        drawn += [name for name in (f"{_POOLER}/kernel", f"{_POOLER}/bias") if name not in weights]
    return dataclasses.replace(
        imported, weights=weights, initialised=tuple(drawn), passed_over=passed_over, untrained=(), task_head={}
    )
