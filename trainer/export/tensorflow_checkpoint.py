"""Reads TensorFlow checkpoints and the config files beside them. TensorFlow is imported only when it is needed."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from beam_jobs.errors import UserError
from trainer.model.config import GELU_ERF, GELU_TANH, BertConfig
from trainer.model.family import ALBERT

CONFIG_NAMES = ("bert_config.json", "albert_config.json", "config.json")
ERF_NAME = "gelu_erf"
"""The name of the erf form in our exports of these formats, which have no name for it."""
OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"


class TensorFlowCheckpoint:
    """The tensors of one checkpoint, by names in the file, or by paths through the object graph if there is one."""

    def __init__(self, path: str | Path):
        import tensorflow as tf

        self.prefix = find_prefix(path)
        self._errors = (
            tf.errors.OpError,
            RuntimeError,
            ValueError,
            IndexError,
        )  # for a damaged file
        try:
            self._reader = tf.train.load_checkpoint(str(self.prefix))
        except self._errors as error:
            raise self._unreadable(error) from error
        self.shapes: Mapping[str, list[int]] = self._reader.get_variable_to_shape_map()

    def read(self, name: str) -> np.ndarray:
        """The tensor called `name` in the file, float32."""
        return np.asarray(self._tensor(name), np.float32)

    def resolve(self, path: str) -> str | None:
        """The name in the file of the variable at a path through the object graph, such as `encoder/_pooler_layer/bias`.

        A variable that several paths lead to is stored under one of them only, so a name in the file alone does not say
        where the variable belongs. None if there is no such path.
        """
        node = self._graph.nodes[0]
        for part in path.split("/"):
            child = next((child.node_id for child in node.children if child.local_name == part), None)
            if child is None:
                return None
            node = self._graph.nodes[child]
        return next((a.checkpoint_key for a in node.attributes if a.name == "VARIABLE_VALUE"), None)

    @functools.cached_property
    def _graph(self) -> Any:
        from tensorflow.core.protobuf.trackable_object_graph_pb2 import TrackableObjectGraph

        return TrackableObjectGraph.FromString(self._tensor(OBJECT_GRAPH))

    def _tensor(self, name: str) -> Any:
        try:
            return self._reader.get_tensor(name)
        except self._errors as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> UserError:
        message = (str(error).splitlines() or ["damaged"])[0]
        return UserError(f"{self.prefix}: cannot read the checkpoint ({message}); fetch it again")


def find_prefix(path: str | Path) -> Path:
    """The prefix of a checkpoint.

    `path` is the prefix itself, one of its files, or the folder of a single checkpoint.
    """
    path = Path(path)
    if path.is_dir():
        found = sorted(path.glob("*.index"))
        if len(found) != 1:
            listed = ", ".join(index.name for index in found) or "none"
            raise UserError(f"{path}: holds not one checkpoint but {listed}; name one, without its .index")
        return found[0].with_suffix("")
    if path.suffix == ".index" or ".data-" in path.name:
        path = path.with_name(path.name.removesuffix(".index").split(".data-")[0])
    if not path.with_name(path.name + ".index").exists():
        raise UserError(f"{path}: no such checkpoint (there is no {path.name}.index); name its prefix or its folder")
    return path


def read_config(prefix: Path, config: BertConfig | None, hidden_act: str | None) -> BertConfig:
    """The given config, or else that of the config file beside a checkpoint.

    In such a file "gelu" means the tanh form, as in google-research/bert and Model Garden; `hidden_act` overrides it.
    """
    if config is None:
        beside = [prefix.parent / name for name in CONFIG_NAMES if (prefix.parent / name).exists()]
        if not beside:
            raise UserError(f"{prefix}: no {CONFIG_NAMES[0]} beside the checkpoint; put it there or name a config")
        content = _read_json(beside[0])
        act = content.get("hidden_act", "gelu")
        content["hidden_act"] = {"gelu": GELU_TANH, ERF_NAME: GELU_ERF}.get(act, act)
        if "num_hidden_groups" in content:  # google-research/albert's config has no model_type
            content.setdefault("model_type", ALBERT.name)
        config = BertConfig.from_dict(content, str(beside[0]))
    if hidden_act is not None:
        config = BertConfig.from_dict({**config.to_dict(), "hidden_act": hidden_act}, "hidden_act")
    return config


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise UserError(f"{path}: cannot read it: {error}") from error
