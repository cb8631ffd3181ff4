"""Finds the network and vocabulary that a plan trains: those of a model class, or of the data."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from beam_jobs.errors import UserError
from trainer.data.corpus_folder import CorpusFolder
from trainer.model.config import BertConfig
from trainer.plans.settings import ModelSettings
from vocab.model_class import BERT_BASE_CONFIG, load_model_class
from vocab.padding import is_padded


@dataclass(frozen=True)
class ModelSource:
    """The network to build, and the vocabulary of its piece ids."""

    name: str
    config: BertConfig
    vocab_sha256: str  # empty if it is not known
    lower_case: bool | None
    pieces: int = 0  # of the vocabulary, if the word table is padded to more rows; 0: as many as rows

    @property
    def vocabulary_size(self) -> int:
        """The number of pieces of the vocabulary. All piece ids are below it."""
        return self.pieces or self.config.vocab_size

    def fitted_to(self, folders: Iterable[CorpusFolder]) -> "ModelSource":
        """The same with a next-sentence head for the labels of the data; for at least 2, as every BERT has it."""
        labels = max((folder.labels for folder in folders), default=0)
        config = dataclasses.replace(self.config, next_sentence_labels=max(labels, 2))
        return dataclasses.replace(self, config=config)


def model_source(settings: ModelSettings, folders: Sequence[CorpusFolder], assumed_pieces: int = 0) -> ModelSource:
    """The model class that a plan names, its config overridden by the plan's.

    `model_class = "data"` takes vocabulary and casing from the manifest of the data, and the network from the model
    class of the data, or from BERT-Base if that class cannot be found here. Raises UserError if neither is known,
    unless a size of the vocabulary may be assumed, as in `plan show` without data.
    """
    content: dict[str, Any]
    if settings.model_class != "data":
        model_class = load_model_class(settings.model_class)
        content = {**model_class.config, **settings.config}
        config = BertConfig.from_dict(content, f"model class {settings.model_class}")
        pieces = _padded_pieces(model_class.vocab_size, config)
        return ModelSource(model_class.name, config, model_class.vocab_sha256, model_class.lower_case, pieces)
    vocabulary = next((folder.manifest.vocabulary for folder in folders if folder.manifest), None)
    if not vocabulary:
        sized = "vocab_size" in settings.config
        if sized or assumed_pieces:
            content = {**BERT_BASE_CONFIG, "vocab_size": assumed_pieces, **settings.config}
            name = "the data's model class" + ("" if sized else f" (assuming {assumed_pieces:,} pieces)")
            return ModelSource(name, BertConfig.from_dict(content, "the plan"), "", None)
        raise UserError(
            'model_class is "data", but there is no data with a manifest to take it from: name --data, or --model_class'
        )
    name = str(vocabulary.get("model_class", ""))
    size = vocabulary["size"]
    try:
        network = dict(load_model_class(name).config)
    except UserError:
        network = dict(BERT_BASE_CONFIG)
    rows = network.get("vocab_size", size)
    content = {**network, "vocab_size": rows if is_padded(size, rows) else size, **settings.config}
    config = BertConfig.from_dict(content, f"{folders[0].uri}/manifest.json")
    digest, lower_case = str(vocabulary.get("sha256", "")), vocabulary.get("lower_case")
    return ModelSource(name or "data", config, digest, lower_case, _padded_pieces(size, config))


def _padded_pieces(pieces: int, config: BertConfig) -> int:
    return pieces if is_padded(pieces, config.vocab_size) else 0
