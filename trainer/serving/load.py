"""Reads a model and prepares what it can be served for."""

from pathlib import PurePath
from typing import Any

import keras
import numpy as np
from keras import ops

from beam_jobs.errors import UserError
from trainer.embeddings.embedder import Embedder
from trainer.embeddings.rows import row_lengths
from trainer.export.finetuned.load_finetuned import FinetunedModel
from trainer.export.finetuned.task_form import ANSWERS
from trainer.export.loaded_model import compiled
from trainer.export.weight_map import assign_weights
from trainer.finetuning.predict import PredictSettings, load_task
from trainer.finetuning.prepare import tokenizer_of
from trainer.finetuning.task_data import TaskData
from trainer.model.encoder_with_heads import EncoderWithHeads
from trainer.model.task_heads import LOGITS
from trainer.serving.mask_pieces import GAPS, MASKS, MaskPieces
from trainer.serving.served_model import ServedModel
from trainer.serving.settings import ABILITIES, ANSWER, EMBED, FILL_MASK, PREDICT, ServeSettings
from trainer.serving.worker import Computation

TASK = "task"  # the computation of `predict` and `answer`
MOST_FILLINGS = 50  # of one gap

_UNTRAINED = "has no trained masked-LM head; serve a pretrained model, such as the output of pretrain"
_NO_TASK = "has no head for labels, numbers or tags; serve a model that finetune trained for one"
_NO_ANSWERS = "has no head for answers; serve a model that finetune --task answer trained"


def load_served(settings: ServeSettings) -> ServedModel:
    """The model, ready to be compiled.

    Raises UserError if there is no such model, if it is damaged, or if it has not what `settings.abilities` ask for.
    """
    settings.validate()
    embedder = Embedder(settings.model, settings.embed)
    missing = {name: reason for name, reason in _reasons(embedder).items() if reason}
    for name in settings.abilities:
        if name in missing:
            raise UserError(f"--only {name}: {settings.model} {missing[name]}")
    missing |= {
        name: "is not served for this (--only)"
        for name in ABILITIES
        if settings.abilities and name not in (*settings.abilities, *missing)
    }
    computations: dict[str, Computation] = {}
    task, mask = None, None
    if EMBED not in missing:
        computations[EMBED] = Computation(embedder.compute, embedder.lengths, {})
    if FILL_MASK not in missing:
        mask, computations[FILL_MASK] = _filling(embedder)
    if PREDICT not in missing or ANSWER not in missing:
        found, task = load_task(settings.model, PredictSettings(), embedder.start)
        computations[TASK] = _task(found, task, embedder.network)
    name = PurePath(settings.model).name or settings.model
    return ServedModel(name, embedder, task, mask, missing, computations, embedder.remarks)


def _reasons(embedder: Embedder) -> dict[str, str]:
    """Why the model cannot do a thing; empty if it can."""
    start = embedder.start
    tokenizer = tokenizer_of(start)
    gaps = any(tokenizer.token_to_id(mask) is not None for mask in MASKS)
    fills = "masked_lm" not in start.imported.untrained_heads and gaps and start.form is None
    answers = start.form is not None and start.form.kind == ANSWERS
    predicts = start.form is not None and not answers
    return {
        EMBED: "",
        PREDICT: "" if predicts else _NO_TASK,
        ANSWER: "" if answers else _NO_ANSWERS,
        FILL_MASK: "" if fills else _UNTRAINED,
    }


def _filling(embedder: Embedder) -> tuple[MaskPieces, Computation]:
    config, tokenizer, network = embedder.start.imported.config, tokenizer_of(embedder.start), embedder.network
    vocabulary = tokenizer.get_vocab_size()

    def compute(batch: dict[str, np.ndarray]) -> dict[str, Any]:
        logits = network(batch)["mlm_logits"][..., :vocabulary]  # a word table may have more rows
        probabilities, pieces = ops.top_k(ops.softmax(logits), min(MOST_FILLINGS, vocabulary))
        return {"probabilities": probabilities, "pieces": pieces}

    lengths = row_lengths(config.longest_text)
    places = {"masked_lm_positions": np.zeros(GAPS, np.int32)}
    mask = MaskPieces(tokenizer, embedder.pieces, config.longest_text)
    return mask, Computation(compiled(network, compute), lengths, places)


def _task(found: FinetunedModel, task: TaskData, encoder: EncoderWithHeads) -> Computation:
    built = found.build()
    assign_weights(built, found.imported)
    _share(encoder, built)

    def compute(batch: dict[str, np.ndarray]) -> dict[str, Any]:
        return {LOGITS: built(batch)[LOGITS]}

    return Computation(compiled(built, compute), row_lengths(task.settings.max_seq_length), {})


def _share(source: keras.Model, other: keras.Model) -> None:
    """Let weights that two networks have in common be in memory once."""
    values = {variable.path: variable.value for variable in source.trainable_variables}
    for variable in other.trainable_variables:
        if variable.path in values:
            variable.assign(values[variable.path])
