"""DistilBERT's model folders (Sanh et al. 2019), written and read without torch or transformers: safetensors and JSON.

A DistilBERT is a BERT without segment table, pooler and next-sentence head. A model that was trained with segments is written
for texts of one segment, whose row of the table is added to every position; so single texts have the same logits, and of pairs
the second text counts as part of the first. It loads as `DistilBertForMaskedLM` with no key missing and none unexpected.
"""

import json
import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from beam_jobs.errors import UserError
from trainer.export import weight_map
from trainer.export.export_folder import untrained_heads, written_folder
from trainer.export.hugging_face import (
    CARD_NAME,
    CONFIG_NAME,
    WEIGHTS_NAME,
    fitting_vocabulary,
    leftovers,
    read_json,
    read_tensors,
    turned,
)
from trainer.export.parity import logits, probe_batch, require_close
from trainer.export.tokenizer_files import CONFIG_NAME as TOKENIZER_CONFIG_NAME
from trainer.export.tokenizer_files import TokenizerSettings, write_tokenizer_files
from trainer.export.weight_map import ImportedModel, Weights, assign_weights
from trainer.model.bert import build_pretrainer
from trainer.model.config import BertConfig
from trainer.model.encoder_with_heads import EncoderWithHeads
from trainer.model.family import BERT

FORM = MODEL_TYPE = "distilbert"
ARCHITECTURE = "DistilBertForMaskedLM"

_EPSILON = 1e-12  # of every norm; the config has no key for it
_PREFIX = "distilbert."
_POSITIONS, _SEGMENTS = "embeddings/position_embeddings", "embeddings/token_type_embeddings"
_MODULES = {
    "embeddings/word_embeddings": "distilbert.embeddings.word_embeddings",
    _POSITIONS: "distilbert.embeddings.position_embeddings",
    "embeddings/layer_norm": "distilbert.embeddings.LayerNorm",
    "masked_lm": "vocab_projector",
    "masked_lm/transform": "vocab_transform",
    "masked_lm/layer_norm": "vocab_layer_norm",
}
_LAYER_MODULES = {
    "attention/query": "attention.q_lin",
    "attention/key": "attention.k_lin",
    "attention/value": "attention.v_lin",
    "attention/output": "attention.out_lin",
    "attention_layer_norm": "sa_layer_norm",
    "intermediate": "ffn.lin1",
    "output": "ffn.lin2",
    "output_layer_norm": "output_layer_norm",
}
_KINDS = {"kernel": "weight", "gamma": "weight", "beta": "bias", "bias": "bias"}
_KEYS = {
    "dim": "hidden_size",
    "n_layers": "num_hidden_layers",
    "n_heads": "num_attention_heads",
    "hidden_dim": "intermediate_size",
    "activation": "hidden_act",
    "dropout": "hidden_dropout_prob",
    "attention_dropout": "attention_probs_dropout_prob",
    "max_position_embeddings": "max_position_embeddings",
    "vocab_size": "vocab_size",
    "initializer_range": "initializer_range",
}
"""The keys of its config.json, and ours for the same."""


def save_distilbert(
    model: EncoderWithHeads,
    vocabulary_file: str | Path,
    folder: str | Path,
    card: str,
    *,
    tokenizer: TokenizerSettings,
    untrained: Sequence[str] = (),
) -> float:
    """Write a model folder, read it back and compare it, then rename it to its final name.

    Args:
        model: the model to export, with both heads of pretraining.
        vocabulary_file: the vocab.txt it was trained with.
        folder: where to write; an earlier export there, unchanged since, is replaced.
        card: the text of README.md.
        tokenizer: the settings of its tokenizer.
        untrained: heads whose weights are random, for the folder's marker.

    Returns:
        The largest difference between the masked-LM logits of the model, of texts of one segment, and of what was read back.

    Raises:
        UserError: a DistilBERT cannot be such a network, or `folder` holds something else.
        ExportMismatchError: what was read back differs.
    """
    config = model.config
    if config.family != BERT or config.share_layers:
        raise UserError(f"{config.family.title} cannot be written as a DistilBERT; export it as hugging_face")
    if config.layer_norm_eps != _EPSILON:
        raise UserError(
            f"layer_norm_eps is {config.layer_norm_eps}, and a DistilBERT has always {_EPSILON}; export it as hugging_face"
        )
    vocabulary = fitting_vocabulary(vocabulary_file, config)
    weights = weight_map.read_weights(model)
    weights[_POSITIONS] = weights[_POSITIONS] + weights[_SEGMENTS][0]
    tensors = {theirs: turned(ours, weights[ours]) for ours, theirs in tensor_names(config).items()}
    with written_folder(folder, FORM, [head for head in untrained if head == "masked_lm"]) as writing:
        text = json.dumps(distilbert_config(config, vocabulary.pad_id), indent=2, sort_keys=True) + "\n"
        (writing / CONFIG_NAME).write_text(text, encoding="utf-8")
        save_file(tensors, writing / WEIGHTS_NAME, metadata={"format": "pt"})
        write_tokenizer_files(writing, vocabulary, tokenizer, config.longest_text, 1)
        _without_segments(writing / TOKENIZER_CONFIG_NAME)
        (writing / CARD_NAME).write_text(card, encoding="utf-8")
        return _compare(model, load_distilbert(writing, allow_missing=("pooler", "next_sentence")))


def load_distilbert(
    folder: str | Path, *, allow_missing: Collection[str] = (), hidden_act: str | None = None
) -> ImportedModel:
    """Read a model folder as a BERT that computes the same: both rows of its segment table are zeros.

    The arguments and the exceptions are those of `load_hugging_face`. There is never a pooler or a next-sentence head.
    """
    folder = Path(folder)
    path = folder / CONFIG_NAME
    content = read_json(path)
    if hidden_act is not None:
        content["activation"] = hidden_act
    keys = {**_KEYS, "tie_word_embeddings": "tie_word_embeddings"}
    known = {ours: content[theirs] for theirs, ours in keys.items() if theirs in content}
    defaults = {"num_hidden_layers": 6, "layer_norm_eps": _EPSILON}
    config = BertConfig.from_dict({**defaults, **known}, str(path))
    tensors, names = read_tensors(folder), tensor_names(config)
    if not any(name.startswith(_PREFIX) for name in tensors):  # saved from the class that has no head
        names = {ours: theirs.removeprefix(_PREFIX) for ours, theirs in names.items()}
    weights: Weights = {
        ours: turned(ours, np.asarray(tensors.pop(theirs), np.float32))
        for ours, theirs in names.items()
        if theirs in tensors
    }
    weights[_SEGMENTS] = np.zeros((config.type_vocab_size, config.hidden_size), np.float32)
    passed_over, unexpected = leftovers(tensors, weights, folder)
    initialised = weight_map.check_imported(
        config, weights, names=names, unexpected=unexpected, allow_missing=allow_missing, source=str(folder)
    )
    untrained = untrained_heads(folder, WEIGHTS_NAME)
    return ImportedModel(config, weights, "DistilBERT", str(folder), initialised, passed_over, untrained)


def is_distilbert(folder: Path) -> bool:
    """Whether a folder's config.json is that of a DistilBERT."""
    return (folder / CONFIG_NAME).is_file() and read_json(folder / CONFIG_NAME).get("model_type") == MODEL_TYPE


def distilbert_config(config: BertConfig, pad_id: int = 0) -> dict[str, Any]:
    """The content of config.json; `pad_id` is the vocabulary's."""
    own = {theirs: getattr(config, ours) for theirs, ours in _KEYS.items()}
    of_heads = {"qa_dropout": 0.1, "seq_classif_dropout": 0.2}  # the defaults of transformers, for those who fine-tune
    fixed = {"architectures": [ARCHITECTURE], "model_type": MODEL_TYPE, "sinusoidal_pos_embds": False}
    return {**own, **of_heads, **fixed, "pad_token_id": pad_id, "torch_dtype": "float32"}


def parameters_of(config: BertConfig) -> int:
    """The number of parameters of a DistilBERT with its masked-LM head."""
    shapes = weight_map.weight_shapes(config)
    return sum(math.prod(shapes[name]) for name in tensor_names(config))


def tensor_names(config: BertConfig) -> dict[str, str]:
    """The name in model.safetensors of each of our weights that a DistilBERT has."""
    modules = dict(_MODULES)
    for i in range(config.num_hidden_layers):
        for ours, theirs in _LAYER_MODULES.items():
            modules[f"encoder/layer_{i}/{ours}"] = f"distilbert.transformer.layer.{i}.{theirs}"
    names = {}
    for name in weight_map.weight_shapes(config):
        module, _, kind = name.rpartition("/")
        if module in modules:
            names[name] = f"{modules[module]}.{_KINDS[kind]}"
        elif name in modules:
            names[name] = f"{modules[name]}.weight"
    return names


def _compare(model: EncoderWithHeads, found: ImportedModel) -> float:
    """Raise ExportMismatchError unless what was read back gives the model's logits for texts of one segment."""
    probe = probe_batch(model.config)
    probe["segment_ids"] = np.zeros_like(probe["segment_ids"])
    other = build_pretrainer(found.config)
    assign_weights(other, found)
    expected, read = (_masked_lm(logits(each, probe)) for each in (model, other))
    return require_close(expected, read, found.source)


def _masked_lm(outputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {"mlm_logits": outputs["mlm_logits"]}


def _without_segments(path: Path) -> None:
    """Tell the tokenizer that the model takes no segment ids."""
    content = read_json(path) | {"model_input_names": ["input_ids", "attention_mask"]}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
