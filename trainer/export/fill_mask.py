"""Fills the gaps ([MASK]) of a text with an exported model."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from beam_jobs.errors import UserError
from trainer.export.folder import untrained_heads
from trainer.export.hugging_face import CONFIG_NAME, WEIGHTS_NAME, load_hugging_face
from trainer.export.parity import logits
from trainer.export.weight_map import assign_weights
from trainer.model.bert import build_pretrainer

MASK = "[MASK]"
EXPORT_NAME = "hugging_face"  # name of the export inside the output folder of a training run


@dataclass(frozen=True)
class Filling:
    """A piece that the model proposes for a gap, and its probability."""

    piece: str
    probability: float


def fill_mask(folder: str | Path, text: str, top: int = 5) -> list[list[Filling]]:
    """The `top` most probable pieces for each [MASK] of a text, the most probable first.

    `folder` is a Hugging Face model folder, or the output folder of a training run that holds one. Raises UserError if
    the text has no [MASK], or is longer than the model can read.
    """
    folder = find_model(folder)
    imported = load_hugging_face(folder, allow_missing=("pooler", "next_sentence"))
    tokenizer_file = folder / "tokenizer.json"
    if not tokenizer_file.exists():
        raise UserError(f"{tokenizer_file}: no such file; export the model again, with its vocabulary")
    try:
        tokenizer = Tokenizer.from_file(str(tokenizer_file))
    except Exception as error:  # the library has no exception class of its own
        raise UserError(f"{tokenizer_file}: cannot be read ({error}); export the model again") from error
    encoding = tokenizer.encode(text)
    length, longest = len(encoding.ids), imported.config.max_position_embeddings
    if length > longest:
        raise UserError(f"the text is {length} pieces long, but the model in {folder} reads {longest}; shorten it")
    positions = [i for i, piece in enumerate(encoding.tokens) if piece == MASK]
    if not positions:
        raise UserError(f"the text has no {MASK}; put one where the model should fill in a word")
    model = build_pretrainer(imported.config)
    assign_weights(model, imported)
    batch = {
        "input_ids": encoding.ids,
        "input_mask": encoding.attention_mask,
        "segment_ids": encoding.type_ids,
        "masked_lm_positions": positions,
    }
    outputs = logits(model, {name: np.array([value], np.int32) for name, value in batch.items()})
    return [_best(row, tokenizer, top) for row in outputs["mlm_logits"][0]]


def untrained_warning(folder: str | Path) -> str:
    """A warning if the masked-LM head of an exported model was never trained; otherwise empty."""
    folder = find_model(folder)
    if "masked_lm" not in untrained_heads(folder, WEIGHTS_NAME):
        return ""
    return f"{folder}: its masked-LM head was never trained, so the proposals are random; train it first"


def find_model(folder: str | Path) -> Path:
    """The model folder itself, or the export inside a training run's output folder."""
    for place in (Path(folder), Path(folder) / EXPORT_NAME):
        if (place / CONFIG_NAME).exists() and (place / WEIGHTS_NAME).exists():
            return place
    raise UserError(f"{folder}: holds no exported model ({CONFIG_NAME} and {WEIGHTS_NAME}); name an export folder")


def _best(row: np.ndarray, tokenizer: Tokenizer, top: int) -> list[Filling]:
    """The most probable pieces, by softmax over the vocabulary, of one row of logits: float32 [rows of the word table]."""
    row = row[: tokenizer.get_vocab_size()]
    exponents = np.exp(row.astype(np.float64) - row.max())
    probabilities = exponents / exponents.sum()
    best = np.argsort(-probabilities, kind="stable")[:top]
    return [Filling(tokenizer.id_to_token(int(i)) or f"id {i}", float(probabilities[i])) for i in best]
