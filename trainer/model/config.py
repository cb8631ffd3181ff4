"""The shape of a BERT, as in a checkpoint's config file, with its validation; what it costs: see `size.py`."""

import dataclasses
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beam_jobs.errors import Problems, UserError, raise_first
from trainer.model.family import ALBERT, BERT, FAMILIES, ROBERTA, Family
from vocab.network_keys import DROPOUT_KEYS, SIZE_KEYS, misspelt_keys

GELU_ERF = "gelu"
GELU_TANH = "gelu_new"
_ACTIVATIONS = {
    "gelu": GELU_ERF,
    "gelu_new": GELU_TANH,
    "gelu_pytorch_tanh": GELU_TANH,  # the same function under another of Hugging Face's names
}
# Settings of Hugging Face's BertConfig that change the network, with the values that this network supports.
_FIXED = {
    "position_embedding_type": ("absolute", None),
    "is_decoder": (False, None),
    "add_cross_attention": (False, None),
    "tie_word_embeddings": (True, None),
    "inner_group_num": (1, None),
}
_SIZES = (*SIZE_KEYS, "embedding_size", "num_hidden_groups", "next_sentence_labels")
_POSITIVE = ("initializer_range", "layer_norm_eps")
_TOO_LARGE = 2**31  # no array has so many rows

HEADS = ("pooler", "masked_lm", "next_sentence")
"""The parts of a pretraining model that a checkpoint of the encoder alone lacks. Weight names begin with them."""


@dataclass(frozen=True)
class BertConfig:
    """A BERT (Devlin et al. 2018), or with `embedding_size` and `share_layers` an ALBERT (Lan et al. 2019).

    With the `model_type` "roberta" it is a RoBERTa (Liu et al. 2019), whose position table has two more rows than a text has
    pieces.

    The field names are those of Hugging Face's BertConfig. `hidden_act` is "gelu", the erf form, or "gelu_new", the
    tanh form that google-research/bert and Model Garden train with (Hendrycks & Gimpel 2016).
    """

    vocab_size: int
    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    intermediate_size: int = 3072
    hidden_act: str = GELU_ERF
    hidden_dropout_prob: float = 0.1
    attention_probs_dropout_prob: float = 0.1
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    initializer_range: float = 0.02
    layer_norm_eps: float = 1e-12
    embedding_size: int | None = None  # None: the word table is as wide as the network, without a projection
    share_layers: bool = False
    next_sentence_labels: int = 2  # values of the second-segment label; the data decides it
    model_type: str = ""  # "roberta" for one; the other settings tell a BERT from an ALBERT

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], source: str = "config") -> "BertConfig":
        """A validated config from a Hugging Face, Google or Model Garden config file's keys.

        Keys that do not concern the network (`architectures`, `torch_dtype`, ...) are ignored. Raises UserError, naming
        `source` and the key, for a key that asks for another network (`is_decoder`, relative positions, ...) or is
        misspelt.
        """
        for key, meant in misspelt_keys(content).items():
            raise UserError(f"{source}: unknown key {key}; did you mean {meant}?")
        raise_first(
            _value_problems({key: content[key] for key in ("model_type", *_FIXED) if key in content}), f"{source}: "
        )
        model_type = content.get("model_type", "bert")
        names = {field.name for field in dataclasses.fields(cls)}
        known = {key: value for key, value in content.items() if key in names and key != "model_type"}
        if "vocab_size" not in known:
            raise UserError(f"{source}: vocab_size is missing; add the number of pieces of the vocabulary")
        known |= FAMILIES[model_type].read(content, source)
        config = cls(**known)
        if config.hidden_act in _ACTIVATIONS:
            config = dataclasses.replace(config, hidden_act=_ACTIVATIONS[config.hidden_act])
        config.validate(source)
        return config

    def to_dict(self) -> dict[str, Any]:
        """The fields as a JSON-able dictionary, without the usual two labels and model type; `from_dict` is its inverse."""
        content = dataclasses.asdict(self)
        if self.next_sentence_labels == 2:  # as in every BERT, whose config files have no key for it
            del content["next_sentence_labels"]
        if not self.model_type:
            del content["model_type"]
        return content

    def validate(self, source: str = "config") -> None:
        """Raise UserError, naming `source` and the key, if this is not a network that can be built."""
        raise_first(self.problems(), f"{source}: ")

    def problems(self) -> Problems:
        """What keeps this network from being built, by key."""
        yield from _value_problems(self.to_dict())
        hidden, heads = self.hidden_size, self.num_attention_heads
        if hidden % heads:
            yield "hidden_size", f"{hidden} must be a multiple of num_attention_heads {heads}"
        if self.family is ROBERTA and (self.is_factorised or self.share_layers):
            yield "model_type", "is 'roberta', which has neither an embedding_size nor shared layers; leave them out"
        if self.family is ROBERTA and self.hidden_act != GELU_ERF:
            yield (
                "hidden_act",
                f"is {self.hidden_act!r}, but the masked-LM head of a RoBERTa has the erf form; write {GELU_ERF!r}",
            )
        if self.longest_text < 1:
            yield "max_position_embeddings", f"{self.max_position_embeddings} leaves no position for a text"

    @property
    def family(self) -> Family:
        """The family of networks: a factorised word table makes it an ALBERT."""
        if self.model_type == ROBERTA.name:
            return ROBERTA
        return ALBERT if self.is_factorised else BERT

    @property
    def longest_text(self) -> int:
        """Pieces of the longest text that the position table has rows for."""
        return self.max_position_embeddings - self.family.first_position

    @property
    def embedding_width(self) -> int:
        """Width of the word, position and type tables."""
        return self.hidden_size if self.embedding_size is None else self.embedding_size

    @property
    def is_factorised(self) -> bool:
        """Whether the tables are narrower than the network, and projected to its width."""
        return self.embedding_size is not None

    @property
    def distinct_layers(self) -> int:
        """Encoder layers with weights of their own."""
        return 1 if self.share_layers else self.num_hidden_layers


def value_problem(key: str, value: Any) -> str:
    """What is wrong with the value of one key of a config; empty if nothing is.

    Keys that do not concern the network may have any value.
    """
    if key == "model_type" and value not in [*FAMILIES]:
        return f"is {value!r}; this trainer builds {', '.join(FAMILIES)} only"
    if key in _FIXED and value not in _FIXED[key]:
        return f"is {value!r}; this trainer builds BERT with {_FIXED[key][0]!r} only"
    left_out = key == "embedding_size" and value is None
    if key in _SIZES and not left_out and not (type(value) is int and 0 < value < _TOO_LARGE):
        return f"is {value!r} and must be a whole number above 0"
    if key == "hidden_act" and not (isinstance(value, str) and value in _ACTIVATIONS):
        return f"{value!r} must be {GELU_ERF!r} (erf form) or {GELU_TANH!r} (tanh form)"
    if key in DROPOUT_KEYS and not (_is_number(value) and 0 <= value < 1):
        return f"is {value!r} and must be a number from 0 to below 1"
    if key in _POSITIVE and not (_is_number(value) and value > 0):
        return f"is {value!r} and must be a number above 0"
    if key == "share_layers" and not isinstance(value, bool):
        return f"is {value!r}: true or false"
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _value_problems(content: Mapping[str, Any]) -> Problems:
    for key, value in content.items():
        if problem := value_problem(key, value):
            yield key, problem
