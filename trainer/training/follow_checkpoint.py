"""Takes from the initial checkpoint the settings of a network that the shapes of its weights do not show.

Two networks with weights of the same shapes can compute differently: with another number of attention heads, another
epsilon in LayerNorm, the other form of GELU, or, if all layers share their weights, another depth. A run takes these
settings from its checkpoint, unless its plan names them. Dropout is not one of them: it belongs to the training, and
the plan decides it.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from beam_jobs.errors import UserError
from trainer.model.config import BertConfig
from vocab.padding import fits

_FOLLOWED = ("hidden_act", "num_attention_heads", "layer_norm_eps")


def follow_checkpoint(
    config: BertConfig, checkpoint: Mapping[str, Any], named: Mapping[str, Any], pieces: int
) -> BertConfig:
    """`config` with the checkpoint's value of every such key, except the keys that the plan has `named`.

    The number of rows of the word table is taken too, if it is that of `pieces` pieces, padded or not. The settings of
    a checkpoint with another width are not taken; its weights will be refused.

    Raises UserError for a checkpoint of another family, which can have the same shapes and still counts positions otherwise.
    """
    there = str(checkpoint.get("model_type", ""))
    if there != config.model_type:
        names = [name or "a BERT or ALBERT" for name in (there, config.model_type)]
        raise UserError(
            f"the initial checkpoint is {names[0]}, and the network of this plan and data is {names[1]}: take data that was made with "
            "the checkpoint's model class, or another checkpoint"
        )
    if checkpoint["hidden_size"] != config.hidden_size:
        return config
    followed = {key: checkpoint[key] for key in _keys(config) if key not in named}
    if "vocab_size" not in named and fits(pieces, checkpoint["vocab_size"]):
        followed["vocab_size"] = checkpoint["vocab_size"]
    return dataclasses.replace(config, **followed)


def differences(config: BertConfig, checkpoint: BertConfig, named: Mapping[str, Any]) -> Iterator[str]:
    """One line for each such key that differs: which value is used, and why."""
    for key in _keys(config):
        here, there = getattr(config, key), getattr(checkpoint, key)
        if here != there and key in named:
            yield f"was trained with {key} {there!r}; {here!r} is used, because the plan says so"
        elif here != there:
            yield f"{key} is {there!r}, as it was trained, and not {here!r}; set it in the plan's model.config to change it"


def _keys(config: BertConfig) -> tuple[str, ...]:
    return (*_FOLLOWED, "num_hidden_layers") if config.share_layers else _FOLLOWED
