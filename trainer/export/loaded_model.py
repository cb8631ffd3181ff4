"""An exported model that encodes texts and fills the gaps in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tokenizers import Tokenizer

from beam_jobs import storage
from beam_jobs.errors import UserError
from trainer.export.export_folder import untrained_heads
from trainer.export.hugging_face import CONFIG_NAME, WEIGHTS_NAME
from trainer.export.load import load_checkpoint
from trainer.export.weight_map import assign_weights
from trainer.model.bert import build_pretrainer
from trainer.model.config import HEADS
from trainer.model.encoder_with_heads import EncoderWithHeads

MASKS = ("[MASK]", "<mask>")
"""What stands for a gap: with BERT's and with RoBERTa's vocabulary."""
EXPORT_NAME = "hugging_face"  # name of the export inside the output folder of a training run
_SHORTEST = 16  # pieces; batches are padded to this length or a larger power of two, so that few shapes are compiled

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Filling:
    """A piece that the model proposes for a gap, and its probability."""

    piece: str
    probability: float


@dataclass(frozen=True)
class Encoded:
    """What the network computes for some texts."""

    last_hidden_state: np.ndarray
    """float32 [texts, longest, hidden]: the last layer's output for each piece; 0 after the end of a text."""
    mask: np.ndarray
    """int32 [texts, longest]: 1 for the pieces of a text, [CLS] and [SEP] included, and 0 after its end."""
    pooled: np.ndarray | None
    """float32 [texts, hidden]: the pooler's output for [CLS]; None if the model has no trained pooler."""
    pieces: tuple[tuple[str, ...], ...]
    """The pieces of each text, [CLS] and [SEP] included."""


class LoadedModel:
    """A network with its weights and its tokenizer; see `load_model`.

    `config` is its shape. Weights and activations are float32; dropout is off.
    """

    def __init__(self, folder: Path) -> None:
        imported = load_checkpoint(folder, allow_missing=HEADS)
        self.config = imported.config
        self._folder = folder
        self._untrained = imported.untrained_heads
        self._missing = {name.split("/")[0] for name in imported.initialised}
        self._whole_texts, self._cut_texts = _read_tokenizer(folder), _read_tokenizer(folder)
        self._cut_texts.enable_truncation(self.config.longest_text)
        model = build_pretrainer(imported.config)
        assign_weights(model, imported)
        self._run_encoder = compiled(model, lambda batch: _encoder_outputs(model, batch))
        self._run_heads = compiled(model, model)

    def encode(self, texts: str | Sequence[str] | Sequence[tuple[str, str]], batch: int = 32) -> Encoded:
        """What the network computes for each text, or for each pair of texts.

        A text that is longer than the model can read (`config.longest_text` pieces) is cut. The result takes texts x
        longest x hidden x 4 bytes of memory, so call this for a part of the texts at a time if there are many.

        Args:
            texts: one text, several, or pairs.
            batch: number of texts that go through the network together.
        """
        if batch < 1:
            raise UserError(f"batch is {batch} and must be at least 1")
        encodings = self._cut_texts.encode_batch([texts] if isinstance(texts, str) else list(texts))
        longest = max((len(encoding.ids) for encoding in encodings), default=0)
        hidden = np.zeros((len(encodings), longest, self.config.hidden_size), np.float32)
        mask = np.zeros((len(encodings), longest), np.int32)
        pooled = np.zeros((len(encodings), self.config.hidden_size), np.float32)
        for start in range(0, len(encodings), batch):
            some = encodings[start : start + batch]
            rows = batch if len(encodings) > batch else len(some)
            outputs = self._run_encoder(self._batch(some, rows))
            for row, encoding in enumerate(some):
                length = len(encoding.ids)
                hidden[start + row, :length] = outputs["sequence"][row, :length]
                mask[start + row, :length] = 1
                pooled[start + row] = outputs["pooled"][row]
        pieces = tuple(tuple(encoding.tokens) for encoding in encodings)
        return Encoded(hidden, mask, None if "pooler" in self._untrained else pooled, pieces)

    def fill_mask(self, text: str, top: int = 5) -> list[list[Filling]]:
        """The `top` most probable pieces for each [MASK] (RoBERTa: <mask>) of a text, the most probable first.

        Raises UserError if the text has no gap or is longer than the model can read, or if the model has no masked-LM
        head. The proposals of a head that was never trained are random; see `untrained_warning`.
        """
        if top < 1:
            raise UserError(f"top is {top} and must be at least 1")
        if "masked_lm" in self._missing:
            raise UserError(f"{self._folder}: has no masked-LM head, so it cannot fill a gap; take another model")
        encoding = self._whole_texts.encode(text)
        length, longest = len(encoding.ids), self.config.longest_text
        if length > longest:
            raise UserError(
                f"the text is {length} pieces long, but the model in {self._folder} reads {longest}; shorten it"
            )
        mask = next((name for name in MASKS if self._whole_texts.token_to_id(name) is not None), MASKS[0])
        mask_id = self._whole_texts.token_to_id(mask)
        positions = [i for i, piece in enumerate(encoding.ids) if piece == mask_id]
        if not positions:
            raise UserError(f"the text has no {mask}; put one where the model should fill in a word")
        batch = {
            "input_ids": encoding.ids,
            "input_mask": encoding.attention_mask,
            "segment_ids": encoding.type_ids,
            "masked_lm_positions": positions,
        }
        outputs = self._run_heads({name: np.array([value], np.int32) for name, value in batch.items()})
        return [_best(row, self._whole_texts, top) for row in outputs["mlm_logits"][0]]

    def _batch(self, encodings: Sequence[Any], rows: int) -> Arrays:
        """Inputs of the network, int32 [rows, length]: padded, and with rows of one padding piece at the end."""
        longest = max(len(encoding.ids) for encoding in encodings)
        length = _SHORTEST
        while length < longest:
            length *= 2
        shape = (rows, min(length, self.config.longest_text))
        batch = {name: np.zeros(shape, np.int32) for name in ("input_ids", "input_mask", "segment_ids")}
        batch["input_mask"][:, 0] = 1
        for row, encoding in enumerate(encodings):
            size = len(encoding.ids)
            batch["input_ids"][row, :size] = encoding.ids
            batch["input_mask"][row, :size] = 1
            batch["segment_ids"][row, :size] = encoding.type_ids
        return batch


def load_model(folder: str | Path) -> LoadedModel:
    """The model in a Hugging Face folder, as `trainer export` writes it, or in a training run's output that holds one.

    Raises UserError: there is no such model, or it is damaged or has no `tokenizer.json`.
    """
    return LoadedModel(find_model(folder))


def untrained_warning(folder: str | Path) -> str:
    """A warning if the masked-LM head of an exported model was never trained; otherwise empty."""
    folder = find_model(folder)
    if "masked_lm" not in untrained_heads(folder, WEIGHTS_NAME):
        return ""
    return f"{folder}: its masked-LM head was never trained, so the proposals are random; train it first"


def find_model(folder: str | Path) -> Path:
    """The model folder itself, or the export inside a training run's output folder."""
    path = storage.require_local(str(folder), "models are read from local disk; copy it here and name the copy")
    for place in (path, path / EXPORT_NAME):
        if (place / CONFIG_NAME).exists() and (place / WEIGHTS_NAME).exists():
            return place
    raise UserError(f"{folder}: holds no exported model ({CONFIG_NAME} and {WEIGHTS_NAME}); name an export folder")


def _read_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a folder, which neither truncates nor pads, whatever its file says; many of other tools do."""
    file = folder / "tokenizer.json"
    if not file.exists():
        raise UserError(f"{file}: no such file; export the model again, with its vocabulary")
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # the library has no exception class of its own
        raise UserError(f"{file}: cannot be read ({error}); export the model again") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _encoder_outputs(model: EncoderWithHeads, batch: Arrays) -> dict[str, keras.KerasTensor]:
    sequence = model.encoder.sequence_output(batch)
    return {"sequence": sequence, "pooled": model.encoder.pooled_output(sequence)}


def compiled(model: EncoderWithHeads, compute: Callable[[Arrays], Any]) -> Callable[[Arrays], Arrays]:
    """A computation on a batch as a function of the model's weights; on JAX compiled once for each shape."""
    variables = model.trainable_variables

    def run(values: list[Any], batch: Arrays) -> Any:
        with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
            return compute(batch)

    if keras.backend.backend() == "jax":
        import jax

        run = jax.jit(run)
    values = [variable.value for variable in variables]
    return lambda batch: {
        name: np.asarray(keras.ops.convert_to_numpy(value), np.float32) for name, value in run(values, batch).items()
    }


def _best(row: np.ndarray, tokenizer: Tokenizer, top: int) -> list[Filling]:
    """The most probable pieces, by softmax over the vocabulary, of one row of logits: float32 [rows of the word table]."""
    row = row[: tokenizer.get_vocab_size()]
    exponents = np.exp(row.astype(np.float64) - row.max())
    probabilities = exponents / exponents.sum()
    best = np.argsort(-probabilities, kind="stable")[:top]
    return [Filling(tokenizer.id_to_token(int(i)) or f"id {i}", float(probabilities[i])) for i in best]
