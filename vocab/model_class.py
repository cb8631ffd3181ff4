"""Model classes: the vocabulary, the casing and the network of a BERT, under one name.

The built-in classes are the published ones, as JSON files in `vocab/classes/`. A user's own class is a JSON file of the
same form anywhere (the vocabulary job writes one beside its `vocab.txt`), or a Hugging Face `config.json` or Google
`bert_config.json` with its `vocab.txt` beside it.
"""

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import Problems, UserError, raise_first
from beam_jobs.storage.paths import has_scheme, local_path
from vocab.network_keys import DROPOUT_KEYS, NETWORK_KEYS, SIZE_KEYS, unknown_keys
from vocab.padding import fits
from vocab.published_class import beside, published_class, read_object

CLASSES_FOLDER = Path(__file__).parent / "classes"

BERT_BASE_CONFIG: Mapping[str, Any] = {
    "model_type": "bert",
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "attention_probs_dropout_prob": 0.1,
    "max_position_embeddings": 512,
    "type_vocab_size": 2,
    "initializer_range": 0.02,
    "layer_norm_eps": 1e-12,
    "pad_token_id": 0,
}
"""BERT-Base, for a class of one's own; without `vocab_size`, which is the vocabulary's."""

_TYPES: Mapping[str, tuple[type, str]] = {
    "name": (str, "a string"),
    "lower_case": (bool, "true or false"),
    "vocab_size": (int, "a whole number"),
    "vocab_uri": (str, "a string"),
    "vocab_sha256": (str, "a string"),
    "whole_word_masking": (bool, "true or false"),
    "config": (dict, "an object"),
    "notes": (str, "a string"),
}


@dataclass(frozen=True)
class ModelClass:
    """The meaning of a model's piece ids, and the config of its network.

    `config` has the keys of Hugging Face's BertConfig, `vocab_size` included, which may be padded: see `padding`. Its
    own `vocab_size` counts the pieces. `vocab_sha256` may be empty: then only the size of a fetched vocabulary can be
    checked. `hidden_act` is "gelu_new" for the tanh form that google-research/bert trained with and "gelu" for the erf
    form.
    """

    name: str
    lower_case: bool
    vocab_size: int
    vocab_uri: str
    config: Mapping[str, Any] = field(hash=False)
    vocab_sha256: str = ""
    whole_word_masking: bool = False
    notes: str = ""

    def validate(self, source: str = "") -> None:
        """Raise UserError, naming `source` (the class's file) and the key, if no BERT can be built from this class."""
        raise_first(self.problems(), f"{source or f'model class {self.name!r}'}: ")

    def problems(self) -> Problems:
        """What is wrong with this class, by key. Each check relies on those before it."""
        if not self.name or "/" in self.name:
            yield "name", f"{self.name!r} must be a plain name"
        for key in SIZE_KEYS:
            value = self.config.get(key)
            if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
                yield f"config.{key}", f"is {value!r} and must be a whole number above 0"
        rows = self.config["vocab_size"]
        if not fits(self.vocab_size, rows):
            yield (
                "vocab_size",
                f"is {self.vocab_size} but config.vocab_size is {rows}; they must agree, or the "
                "second must be the first rounded up to a multiple of 8, 64, ...",
            )
        hidden, heads = self.config["hidden_size"], self.config["num_attention_heads"]
        if hidden % heads:
            yield "config.hidden_size", f"{hidden} must be a multiple of num_attention_heads {heads}"
        for key in DROPOUT_KEYS:
            rate = self.config.get(key, 0.0)
            if not isinstance(rate, int | float) or not 0 <= rate < 1:
                yield f"config.{key}", f"is {rate!r} and must be a number from 0 to below 1"
        pad = self.config.get("pad_token_id", 0)
        if not isinstance(pad, int) or isinstance(pad, bool) or not 0 <= pad < self.vocab_size:
            yield "config.pad_token_id", f"is {pad!r} and must be the id of a piece"
        digest = self.vocab_sha256
        if digest and (len(digest) != 64 or not set(digest) <= set("0123456789abcdef")):
            yield "vocab_sha256", f"{digest!r} must be 64 lower-case hexadecimal digits, or empty"

    def require_size(self, size: int, source: str) -> None:
        """Raise UserError if a vocabulary, called `source`, of `size` pieces is not of this class's size."""
        if size != self.vocab_size:
            raise UserError(
                f"{source}: holds {size} pieces, but model class {self.name} has vocab_size {self.vocab_size}; "
                "name the right file with --vocab_file, or another --model_class"
            )

    def to_json(self) -> str:
        """The text of a model-class file."""
        return json.dumps(dataclasses.asdict(self), indent=2, ensure_ascii=False) + "\n"


def built_in_names() -> list[str]:
    """Names of the classes that come with the package, sorted."""
    return sorted(path.stem for path in CLASSES_FOLDER.glob("*.json"))


def load_model_class(name_or_path: str | Path) -> ModelClass:
    """A built-in class by its name, or the class in a JSON file (a path or URI ending in `.json`), validated.

    A local model folder is the class in its `config.json`.

    A relative `vocab_uri` is taken from the folder of the file. Raises UserError naming the file, the key and the
    remedy.
    """
    name = str(name_or_path)
    if name in built_in_names():
        source = str(CLASSES_FOLDER / f"{name}.json")
    elif name.endswith(".json"):
        source = name
    elif not has_scheme(name) and os.path.isfile(local_path(name) / "config.json"):  # noqa: PTH113 (this one is False for a name that is too long)
        source = str(local_path(name) / "config.json")
    else:
        guess = did_you_mean(name, built_in_names(), before="; ")
        raise UserError(
            f"no model class {name!r}; name a .json file of your own, or one of {', '.join(built_in_names())}{guess}"
        )
    content = _read_class(source)
    if "hidden_size" in content:
        model_class = ModelClass(**published_class(content, source))
    else:
        model_class = _from_content(content, source)
    model_class.validate(source)
    uri = model_class.vocab_uri
    return dataclasses.replace(model_class, vocab_uri=beside(source, uri)) if uri else model_class


def _from_content(content: dict[str, Any], source: str) -> ModelClass:
    for key in sorted(set(content) - set(_TYPES)):
        known = f"known are {', '.join(_TYPES)}"
        raise UserError(f"{source}: unknown key {key}; {known}{did_you_mean(key, _TYPES, before='; ')}")
    required = [f.name for f in dataclasses.fields(ModelClass) if f.default is dataclasses.MISSING]
    missing = [key for key in required if key not in content]
    if missing:
        raise UserError(f"{source}: key {', '.join(missing)} is missing from the model class")
    for key, value in content.items():
        wanted, description = _TYPES[key]
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise UserError(f"{source}: {key} is {value!r} and must be {description}")
    for key in unknown_keys(content["config"]):
        guess = did_you_mean(key, NETWORK_KEYS, before="; ")
        raise UserError(f"{source}: unknown key config.{key}: the network has no such setting{guess}")
    config = {"vocab_size": content["vocab_size"], **content["config"]}
    return ModelClass(**{**content, "config": config})


def _read_class(source: str) -> dict[str, Any]:
    try:
        return read_object(source)
    except FileNotFoundError as error:
        raise UserError(f"{source}: no such model-class file; built in are {', '.join(built_in_names())}") from error
