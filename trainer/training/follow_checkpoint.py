"""Settings of a network that no weight's shape shows: a run follows the checkpoint it begins with, unless its plan says.

Two networks whose weights have the same shapes can still compute differently: with another number of attention heads,
another epsilon in the layer norms, the other form of GELU, or, where all layers share their weights, another depth.
Dropout is no such setting: it is part of how a network is trained, and stays the plan's.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from trainer.model.config import BertConfig
from vocab.padding import fits

_FOLLOWED = ("hidden_act", "num_attention_heads", "layer_norm_eps")


def follow_checkpoint(
    config: BertConfig, checkpoint: Mapping[str, Any], named: Mapping[str, Any], pieces: int
) -> BertConfig:
    """`config` with the checkpoint's value of every key that its shapes do not show; keys that the plan `named` stay.

    So does the number of rows of its word table, if that is `pieces`, padded or not. A checkpoint of another width is not
    followed: it is refused when its weights are assigned.
    """
    if checkpoint["hidden_size"] != config.hidden_size:
        return config
    followed = {key: checkpoint[key] for key in _keys(config) if key not in named}
    if "vocab_size" not in named and fits(pieces, checkpoint["vocab_size"]):
        followed["vocab_size"] = checkpoint["vocab_size"]
    return dataclasses.replace(config, **followed)


def differences(config: BertConfig, checkpoint: BertConfig, named: Mapping[str, Any]) -> Iterator[str]:
    """One line for each of these keys in which the two differ: which value is used, and why."""
    for key in _keys(config):
        here, there = getattr(config, key), getattr(checkpoint, key)
        if here != there and key in named:
            yield f"was trained with {key} {there!r}; {here!r} is used, because the plan says so"
        elif here != there:
            yield f"{key} is {there!r}, as it was trained, and not {here!r}; set it in the plan's model.config to change it"


def _keys(config: BertConfig) -> tuple[str, ...]:
    return (*_FOLLOWED, "num_hidden_layers") if config.share_layers else _FOLLOWED
