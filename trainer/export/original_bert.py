"""Checkpoints of google-research/bert: TensorFlow 1 names such as `bert/encoder/layer_0/attention/self/query/kernel`.

Kernels have the same orientation as ours, except `cls/seq_relationship/output_weights`, which is [2, hidden]. Optimizer
slots and step counters of a training checkpoint are ignored.
"""

from collections.abc import Collection
from pathlib import Path

import numpy as np

from trainer.export import weight_map
from trainer.export.tensorflow_checkpoint import TensorFlowCheckpoint, read_config
from trainer.export.weight_map import ImportedModel, Weights
from trainer.model.config import BertConfig

_MODULES = {
    "embeddings/word_embeddings": "bert/embeddings/word_embeddings",
    "embeddings/position_embeddings": "bert/embeddings/position_embeddings",
    "embeddings/token_type_embeddings": "bert/embeddings/token_type_embeddings",
    "embeddings/layer_norm": "bert/embeddings/LayerNorm",
    "embeddings/projection": "bert/encoder/embedding_hidden_mapping_in",
    "pooler": "bert/pooler/dense",
    "masked_lm/transform": "cls/predictions/transform/dense",
    "masked_lm/layer_norm": "cls/predictions/transform/LayerNorm",
}
_TENSORS = {
    "masked_lm/bias": "cls/predictions/output_bias",
    "next_sentence/classifier/kernel": "cls/seq_relationship/output_weights",
    "next_sentence/classifier/bias": "cls/seq_relationship/output_bias",
}
_SLOTS = ("adam_m", "adam_v", "lamb_m", "lamb_v", "Momentum")
_COUNTERS = ("global_step", "good_steps", "loss_scale", "beta1_power", "beta2_power")


def load_original_bert(
    path: str | Path,
    *,
    config: BertConfig | None = None,
    allow_missing: Collection[str] = (),
    hidden_act: str | None = None,
) -> ImportedModel:
    """Read a TensorFlow 1 BERT checkpoint.

    Args:
        path: its prefix (`.../bert_model.ckpt`), or the folder it lies in.
        config: None: read from the bert_config.json beside it, where "gelu" means the tanh form.
        allow_missing: of `HEADS` in `model/config.py`: heads that may be missing and stay as initialised.
        hidden_act: overrides the config's.

    Raises:
        UserError: a file is missing or damaged, or tensors are missing, unexpected or of another shape.
    """
    checkpoint = TensorFlowCheckpoint(path)
    config = read_config(checkpoint.prefix, config, hidden_act)
    names = tensor_names(config)
    weights: Weights = {
        ours: turned(ours, checkpoint.read(theirs)) for ours, theirs in names.items() if theirs in checkpoint.shapes
    }
    left = sorted(set(checkpoint.shapes) - set(names.values()))
    passed_over = tuple(name for name in left if name.split("/")[-1] in (*_SLOTS, *_COUNTERS))
    initialised = weight_map.check_imported(
        config,
        weights,
        names=names,
        unexpected=set(left) - set(passed_over),
        allow_missing=allow_missing,
        source=str(checkpoint.prefix),
    )
    return ImportedModel(config, weights, "original BERT", str(checkpoint.prefix), initialised, passed_over)


def tensor_names(config: BertConfig) -> dict[str, str]:
    """The name in the checkpoint of each of our weights."""
    layer = "bert/encoder/layer_{i}/"
    modules = weight_map.module_names(config, _MODULES, layer, "original")
    names = {}
    for name in weight_map.weight_shapes(config):
        module, _, kind = name.rpartition("/")
        names[name] = _TENSORS.get(name) or modules.get(name) or f"{modules[module]}/{kind}"
    return names


def turned(name: str, value: np.ndarray) -> np.ndarray:
    """Our tensor in the orientation of the checkpoint, or the checkpoint's in ours: transposing is its own inverse."""
    return np.ascontiguousarray(value.T) if name == "next_sentence/classifier/kernel" else value
