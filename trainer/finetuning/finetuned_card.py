"""The model card of a fine-tuned model: the task, its labels, how it was trained, and its scores."""

from collections.abc import Mapping
from typing import Any

from trainer.export.card_metadata import CardMetadata, metadata_block
from trainer.export.finetuned.task_form import ANSWERS, TOKENS, TaskForm
from trainer.finetuning.settings import FinetuneSettings

_PIPELINES = {ANSWERS: "question-answering", TOKENS: "token-classification"}


def finetuned_card(name: str, settings: FinetuneSettings, form: TaskForm, scores: Mapping[str, Any]) -> str:
    """The text of README.md.

    `scores` is the content of scores.json.
    """
    pipeline = _PIPELINES.get(form.kind, "text-classification")
    which = "test" if scores.get("test") else "dev"
    base = settings.model.rstrip("/").rpartition("/")[2]  # a card is read where the path is not
    parts = [
        metadata_block(
            name, CardMetadata(), task=pipeline, results=scores[which]["scores"], on=f"the {which} examples"
        ),
        f"# {name}",
        f"Fine-tuned with beambert from `{base}` for the task `{settings.task.task}`: {settings.epochs} epochs of "
        f"batches of {settings.batch}, AdamW at {scores['learning_rate']:g}, seed {scores['seed']}. These are the weights of "
        f"step {scores['step']:,}, the {scores['kept']}.",
        *([f"Labels, in the order of the logits: {', '.join(form.labels)}."] if form.labels else []),
        *(_table(which, scores[which]) for which in ("dev", "test") if scores.get(which)),
        f"```python\nfrom transformers import pipeline\n\npipeline('{pipeline}', model='{name}')\n```",
    ]
    return "\n\n".join(parts) + "\n"


def _table(which: str, found: Mapping[str, Any]) -> str:
    rows = [f"| {name} | {value:.4f} |" for name, value in found["scores"].items()]
    return "\n".join([f"## Scores on {which} ({found['examples']:,} examples)", "", "| | |", "|---|---|", *rows])
