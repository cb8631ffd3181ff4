"""Checkpoints of google-research/bert and google-research/albert, with TensorFlow 1 names, read and written.

A BERT's layers are called `bert/encoder/layer_0/attention/self/query/kernel` and so on, those of an ALBERT
`bert/encoder/transformer/group_0/inner_group_0/attention_1/self/query/kernel`, where all layers of a group share their
weights. The other names are the same. Kernels have the same orientation as ours, except
`cls/seq_relationship/output_weights`, which is [2, hidden]. Optimizer slots and step counters of a training checkpoint are
ignored.
"""

import json
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np

from beam_jobs.errors import UserError
from trainer.export import weight_map
from trainer.export.export_folder import untrained_heads, written_folder
from trainer.export.parity import require_same_model
from trainer.export.tensorflow_checkpoint import ERF_NAME, TensorFlowCheckpoint, read_config
from trainer.export.weight_map import ImportedModel, Weights
from trainer.model.config import GELU_TANH, BertConfig
from trainer.model.encoder_with_heads import EncoderWithHeads
from trainer.model.family import ALBERT

FORM = "original"
_CHECKPOINTS = {  # by family: names of the checkpoint and of its config file, as published, and the place of a layer
    "bert": ("bert_model.ckpt", "bert_config.json", "bert/encoder/layer_{i}/"),
    ALBERT.name: ("model.ckpt-best", "albert_config.json", "bert/encoder/transformer/group_{i}/inner_group_0/"),
}

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
    """Read a TensorFlow 1 checkpoint of a BERT or an ALBERT.

    Args:
        path: its prefix (`.../bert_model.ckpt`), or the folder it lies in.
        config: None: read from the bert_config.json or albert_config.json beside it, where "gelu" means the tanh form.
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
    untrained = untrained_heads(checkpoint.prefix.parent, f"{checkpoint.prefix.name}.index")
    layout = "original ALBERT" if config.family is ALBERT else "original BERT"
    return ImportedModel(config, weights, layout, str(checkpoint.prefix), initialised, passed_over, untrained)


def save_original_bert(
    model: EncoderWithHeads, config: BertConfig, folder: str | Path, untrained: Sequence[str] = ()
) -> float:
    """Write a checkpoint and its config file, read them back and compare them, then rename the folder.

    Their names are those of the published models: `bert_model.ckpt` and `bert_config.json`, or for an ALBERT
    `model.ckpt-best` and `albert_config.json`. `init_checkpoint` of google-research's programs takes the checkpoint.
    `untrained` names heads whose weights are random, for the folder's marker. Returns the largest difference between logits.

    Raises:
        UserError: the network has no place in that format, or something else is at `folder`.
    """
    weight_map.require_two_labels(config, "A checkpoint of google-research")
    if config.share_layers and config.family is not ALBERT:
        raise UserError(
            "config: google-research/bert has no shared layers, only google-research/albert has; export to Hugging Face"
        )
    import tensorflow as tf

    names = tensor_names(config)
    tensors = {names[name]: turned(name, value) for name, value in weight_map.read_weights(model).items()}
    checkpoint, config_name, _ = _CHECKPOINTS[config.family.name]
    with written_folder(folder, FORM, untrained) as writing:
        tf.raw_ops.SaveV2(
            prefix=str(writing / checkpoint),
            tensor_names=list(tensors),
            shape_and_slices=[""] * len(tensors),
            tensors=[tf.constant(value) for value in tensors.values()],
        )
        content = json.dumps(_config_file(config), indent=2) + "\n"
        (writing / config_name).write_text(content, encoding="utf-8")
        return require_same_model(model, load_original_bert(writing))


def _config_file(config: BertConfig) -> dict[str, object]:
    """The config as google-research writes it, where "gelu" means the tanh form."""
    act = "gelu" if config.hidden_act == GELU_TANH else ERF_NAME
    content: dict[str, object] = {**config.to_dict(), "hidden_act": act}
    shared = content.pop("share_layers")
    if config.family is ALBERT:
        groups = 1 if shared else config.num_hidden_layers
        return content | {"num_hidden_groups": groups, "inner_group_num": 1, "net_structure_type": 0}
    del content["embedding_size"]
    return content


def tensor_names(config: BertConfig) -> dict[str, str]:
    """The name in the checkpoint of each of our weights."""
    layout = "original_albert" if config.family is ALBERT else "original"
    modules = weight_map.module_names(config, _MODULES, _CHECKPOINTS[config.family.name][2], layout)
    names = {}
    for name in weight_map.weight_shapes(config):
        module, _, kind = name.rpartition("/")
        names[name] = _TENSORS.get(name) or modules.get(name) or f"{modules[module]}/{kind}"
    return names


def turned(name: str, value: np.ndarray) -> np.ndarray:
    """Our tensor in the orientation of the checkpoint, or the checkpoint's in ours: transposing is its own inverse."""
    return np.ascontiguousarray(value.T) if name == "next_sentence/classifier/kernel" else value
