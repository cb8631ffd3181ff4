"""A model that gives vectors of texts, words or pieces."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from beam_jobs import storage
from beam_jobs.errors import UserError
from beam_jobs.storage.paths import is_remote
from trainer.embeddings.combine import combined
from trainer.embeddings.layers import chosen_layers
from trainer.embeddings.pooling import normalized, pool, pool_groups
from trainer.embeddings.resolve import resolve
from trainer.embeddings.rows import EmbedRow, Unit, embed_rows, row_lengths
from trainer.embeddings.sentence_folder import SentenceFolder, read_sentence_folder
from trainer.embeddings.settings import CONCAT, NONE, POOLER, TEXT, EmbedSettings
from trainer.examples.text_pieces import TextPieces
from trainer.export.loaded_model import compiled
from trainer.export.weight_map import assign_weights
from trainer.finetuning.prepare import tokenizer_of
from trainer.finetuning.start import Start, read_start
from trainer.model.bert import build_pretrainer

_BATCHES_AT_ONCE = 64  # the texts of so many batches are sorted by length, and then given back in order
_BATCHES_OF_PIECES = (
    4  # the same where words and pieces have vectors of their own, which take a hundred times the memory
)


@dataclass(frozen=True, eq=False)
class TextVectors:
    """The vectors of one text.

    Attributes:
        vectors: float32 [units, width]; of a text without words [0, width], and [1, width] if the text gets one.
        units: its words or pieces; none if the text gets one vector.
        length: pieces that were read, [CLS] and [SEP] included.
        cut: pieces that did not fit and were not read.
    """

    vectors: np.ndarray
    units: tuple[Unit, ...]
    length: int
    cut: int


@dataclass(frozen=True, eq=False)
class Embeddings:
    """The vectors of several texts, in their order."""

    texts: tuple[TextVectors, ...]
    width: int

    @property
    def vectors(self) -> np.ndarray:
        """float32 [texts, width]; of words or pieces those of all texts one after the other."""
        return np.concatenate([np.zeros((0, self.width), np.float32), *(text.vectors for text in self.texts)])

    @property
    def cut(self) -> int:
        """How many texts were longer than what is read."""
        return sum(text.cut > 0 for text in self.texts)


@dataclass(frozen=True, eq=False)
class ReadModel:
    """The files of a model, read."""

    start: Start
    sentence: SentenceFolder | None  # what its folder says where sentence-transformers wrote it


def read_model(model: str, settings: EmbedSettings) -> ReadModel:
    """Read the files of a model. Raises UserError if there is no such model, or if it is damaged."""
    sentence = None if is_remote(model) else read_sentence_folder(storage.local_path(model))
    return ReadModel(read_start(model if sentence is None else str(sentence.network), settings.lower_case), sentence)


class Embedder:
    """A network with its weights, its tokenizer, and what vectors are asked for.

    Rows are padded to a few lengths that depend on the model alone, 16, 32, 64 and so on, each compiled once. A text has
    the same vector in any company, but for the last bits of a float32.

    Attributes:
        settings: what is asked for, with what follows from the model.
        width: of a vector.
        remarks: what a user should know about the model, a line each.
        lengths: to which rows are padded, ascending.
        pieces: the tokenizer.
        start: what was read, but for the weights of the network.
        network: the encoder with the heads of pretraining; those in `start.imported.untrained_heads` are random.
        compute: inputs of a batch, int32 [rows, length], to `vectors`, float32 [rows, length, width], or [rows, 1, width] of
            a pooler; compiled once for each shape.
    """

    def __init__(self, model: str, settings: EmbedSettings | None = None, read: ReadModel | None = None) -> None:
        """Make the network of a model.

        Args:
            model: a run, a fine-tuned run, a folder of Hugging Face or sentence-transformers, or a checkpoint of Google's or
                Model Garden's.
            settings: what is asked for; the defaults if it is None.
            read: the files of the model; they are read if it is None.

        Raises:
            UserError: there is no such model, or it is damaged; or the settings cannot be meant for it.
        """
        settings = settings or EmbedSettings()
        settings.validate()
        read = read or read_model(model, settings)
        start, sentence = read.start, read.sentence
        config = start.imported.config
        self.settings = resolve(settings, sentence, config.longest_text, model)
        layers = chosen_layers(self.settings.layers, config.num_hidden_layers)
        pooler = self.settings.pooling == POOLER
        if pooler and "pooler" in start.imported.untrained_heads:
            raise UserError(
                f"{model}: has no trained pooler, so --pooling pooler would give random numbers; pool by mean or cls"
            )
        self.width = config.hidden_size * (len(layers) if self.settings.combine == CONCAT and not pooler else 1)
        self.remarks = _remarks(model, sentence)
        self._lower = sentence is not None and sentence.lower
        self.pieces = TextPieces(tokenizer_of(start), model, config.type_vocab_size)
        self.lengths = row_lengths(self.settings.max_seq_length)
        network = build_pretrainer(config)
        assign_weights(network, start.imported)
        encoder = network.encoder

        def compute(batch: dict[str, np.ndarray]) -> dict[str, Any]:
            states = encoder.hidden_states(batch)
            if pooler:
                return {"vectors": encoder.pooled_output(states[-1])[:, None]}
            return {"vectors": combined([states[layer] for layer in layers], self.settings.combine)}

        self.network, self.compute = network, compiled(network, compute)
        self.start = dataclasses.replace(start, imported=dataclasses.replace(start.imported, weights={}))

    def embed(self, texts: str | Sequence[str]) -> Embeddings:
        """The vectors of one text, or of several. Those that are too long are cut, and the result counts them."""
        rows = self.rows([texts] if isinstance(texts, str) else texts)
        return Embeddings(tuple(self.vectors(rows)), self.width)

    def rows(self, texts: Sequence[str]) -> list[EmbedRow]:
        """The texts as rows of pieces."""
        read = [text.lower() for text in texts] if self._lower else texts
        return embed_rows(read, self.pieces, self.settings.per, self.settings.max_seq_length)

    def vectors(self, rows: Sequence[EmbedRow]) -> Iterator[TextVectors]:
        """The vectors of rows, in their order; only those of some batches are in memory at a time."""
        batch = self.settings.batch
        size = min(batch, 1 << max(0, len(rows) - 1).bit_length())
        together = batch * (_BATCHES_AT_ONCE if self.settings.per == TEXT else _BATCHES_OF_PIECES)
        for start in range(0, len(rows), together):
            some = rows[start : start + together]
            buckets = np.searchsorted(self.lengths, [len(row.ids) for row in some])
            found: dict[int, TextVectors] = {}
            for bucket in np.unique(buckets):
                members = np.flatnonzero(buckets == bucket)
                for first in range(0, len(members), size):
                    part = members[first : first + size]
                    outputs = self.compute(_batch([some[i] for i in part], size, self.lengths[bucket]))["vectors"]
                    found.update(
                        (int(i), self.finished(some[i], output)) for i, output in zip(part, outputs, strict=False)
                    )
            yield from (found[i] for i in range(len(some)))

    def finished(self, row: EmbedRow, output: np.ndarray, normalize: bool | None = None) -> TextVectors:
        """The vectors of a row, from what `compute` gives for it, padding included: float32 [length or 1, width].

        `normalize` is that of the settings if it is None.
        """
        settings = self.settings
        if settings.pooling == POOLER:
            vectors = output.copy()
        elif settings.pooling == NONE:
            vectors = output[: len(row.ids)].copy()
        elif row.groups is None:
            vectors = pool(output[: len(row.ids)], settings.pooling)[None].copy()
        else:
            vectors = pool_groups(output[: len(row.ids)], row.groups, settings.pooling)
        unit_length = settings.normalize if normalize is None else normalize
        return TextVectors(normalized(vectors) if unit_length else vectors, row.units, len(row.ids), row.cut)


def _remarks(model: str, sentence: SentenceFolder | None) -> tuple[str, ...]:
    if sentence is None or not sentence.prompt:
        return ()
    return (
        f"{model}: sentence-transformers puts {sentence.prompt!r} before each text by default; embed takes texts as they are",
    )


def _batch(rows: Sequence[EmbedRow], size: int, length: int) -> dict[str, np.ndarray]:
    """Inputs of the network, int32 [size, length]: padded, and with rows of one piece at the end."""
    batch = {name: np.zeros((size, length), np.int32) for name in ("input_ids", "input_mask", "segment_ids")}
    batch["input_mask"][:, 0] = 1
    for number, row in enumerate(rows):
        batch["input_ids"][number, : len(row.ids)] = row.ids
        batch["input_mask"][number, : len(row.ids)] = 1
    return batch
