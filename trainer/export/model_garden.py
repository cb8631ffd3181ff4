"""Checkpoints of the TensorFlow Model Garden (tf-models-official), read and written without that package.

These are object-based TensorFlow 2 checkpoints in two layouts. The functional `BertEncoder` numbers its layers in the
order of their creation (`layer_with_weights-4` is the first encoder layer); `BertEncoderV2` names its attributes
(`_transformer_layers/0`). The encoder is at the root, below `encoder`, or below `model` in a pretrainer. The third
layout, with TensorFlow 1 names, is read by `original_bert`.

In Model Garden the next-sentence head has its own pooler, which pretraining trains, while the encoder's pooler stays
untrained. Our model has one pooler. It is read from the head if there is one, and written to both places.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from beam_jobs.errors import UserError
from trainer.export import weight_map
from trainer.export.export_folder import untrained_heads, written_folder
from trainer.export.parity import require_same_model
from trainer.export.tensorflow_checkpoint import ERF_NAME, OBJECT_GRAPH, TensorFlowCheckpoint, read_config
from trainer.export.weight_map import ImportedModel, Weights
from trainer.model.config import GELU_TANH, BertConfig
from trainer.model.encoder_with_heads import EncoderWithHeads

CHECKPOINT_NAME = "bert_model.ckpt"
CONFIG_NAME = "bert_config.json"
FORM = "model_garden"

_MODULES = {  # BertEncoderV2's attributes; the functional encoder creates these layers in this order, its pooler last
    "embeddings/word_embeddings": "_embedding_layer",
    "embeddings/position_embeddings": "_position_embedding_layer",
    "embeddings/token_type_embeddings": "_type_embedding_layer",
    "embeddings/layer_norm": "_embedding_norm_layer",
    "embeddings/projection": "_embedding_projection",
    "pooler": "_pooler_layer",
}
_MASKED_LM = {
    "masked_lm/transform/kernel": "dense/kernel",
    "masked_lm/transform/bias": "dense/bias",
    "masked_lm/layer_norm/gamma": "layer_norm/gamma",
    "masked_lm/layer_norm/beta": "layer_norm/beta",
    "masked_lm/bias": "bias",
}
_POOLER = {"pooler/kernel": "dense/kernel", "pooler/bias": "dense/bias"}
_CLASSIFIER = {"next_sentence/classifier/kernel": "out_proj/kernel", "next_sentence/classifier/bias": "out_proj/bias"}
_MODEL_ROOTS = ("model/", "")  # possible places of a pretrainer in a checkpoint
_ENCODER_ROOTS = ("encoder_network/", "encoder/", "")  # possible places of its encoder, below that
_PASSED_OVER = ("optimizer", "OPTIMIZER_SLOT", "save_counter", "global_step", "keras_api", "train_loss", "metrics")


def load_model_garden(
    path: str | Path,
    *,
    config: BertConfig | None = None,
    allow_missing: Collection[str] = (),
    hidden_act: str | None = None,
) -> ImportedModel:
    """Read an object-based Model Garden checkpoint of a BertEncoder, BertEncoderV2 or BertPretrainerV2.

    Args:
        path: its prefix, or the folder it lies in.
        config: None: read from the bert_config.json beside it, where "gelu" means the tanh form.
        allow_missing: of `HEADS` in `model/config.py`: heads that may be missing and stay as initialised.
        hidden_act: overrides the config's.

    Raises:
        UserError: a file is missing or damaged, or tensors are missing, unexpected or of another shape.
    """
    checkpoint = TensorFlowCheckpoint(path)
    source = str(checkpoint.prefix)
    if OBJECT_GRAPH not in checkpoint.shapes:
        raise UserError(
            f"{source}: has no object graph, so is no Model Garden checkpoint; if it is TensorFlow 1's, say so"
        )
    config = read_config(checkpoint.prefix, config, hidden_act)
    root, functional = _find_encoder(checkpoint)
    candidates: dict[str, list[str]] = {name: [root + p] for name, p in encoder_paths(config, functional).items()}
    for model in _MODEL_ROOTS:
        _add(candidates, f"{model}masked_lm/", _MASKED_LM)
        _add(candidates, f"{model}classification_heads/0/", _CLASSIFIER)
        _add(candidates, f"{model}classification_heads/0/", _POOLER, first=True)
    alias = {name: path.replace("dense/", "next_sentence.pooler_dense/") for name, path in _POOLER.items()}
    _add(candidates, "", alias, first=True)

    _check_heads(checkpoint, candidates["encoder/layer_0/attention/query/kernel"], config)
    weights: Weights = {}
    used: set[str] = set()
    spare: set[str] = set()
    for name, paths in candidates.items():
        keys = [key for path in paths if (key := checkpoint.resolve(path)) is not None]
        if keys:
            weights[name] = to_ours(name, checkpoint.read(keys[0]))
            used.add(keys[0])
            spare.update(keys[1:])
    left = set(checkpoint.shapes) - used - {OBJECT_GRAPH}
    passed_over = {key for key in left if key in spare or any(word in key for word in _PASSED_OVER)}
    initialised = weight_map.check_imported(
        config,
        weights,
        names={name: paths[0] for name, paths in candidates.items()},
        unexpected=left - passed_over,
        allow_missing=allow_missing,
        source=source,
    )
    layout = "Model Garden functional" if functional else "Model Garden BertEncoderV2"
    names = tuple(sorted(key.removesuffix("/.ATTRIBUTES/VARIABLE_VALUE") for key in passed_over))
    untrained = untrained_heads(checkpoint.prefix.parent, f"{checkpoint.prefix.name}.index")
    return ImportedModel(config, weights, layout, source, initialised, names, untrained)


def save_model_garden(
    model: EncoderWithHeads, config: BertConfig, folder: str | Path, untrained: Sequence[str] = ()
) -> float:
    """Write `bert_model.ckpt` and `bert_config.json`, read them back and compare them, then rename the folder.

    The checkpoint restores with `tf.train.Checkpoint(model=pretrainer)` into a `BertPretrainerV2` over a
    `BertEncoderV2` with one `ClassificationHead(inner_dim=hidden_size, num_classes=2)`, and with
    `tf.train.Checkpoint(encoder=encoder)` into the encoder alone. `untrained` names heads whose weights are random, for
    the folder's marker. Returns the largest difference between logits.
    """
    weight_map.require_two_labels(config, "A checkpoint for Model Garden")
    if config.share_layers:
        raise UserError("config: Model Garden's BertEncoderV2 has no shared layers; export to Hugging Face instead")
    import tensorflow as tf

    variables = {
        name: tf.Variable(to_theirs(name, value, config)) for name, value in weight_map.read_weights(model).items()
    }
    encoder = _trackable({path: variables[name] for name, path in encoder_paths(config, functional=False).items()})
    pretrainer = tf.Module()
    pretrainer.encoder_network = encoder
    masked_lm = {path: variables[name] for name, path in _MASKED_LM.items()}
    pretrainer.masked_lm = _trackable({**masked_lm, "embedding_table": variables["embeddings/word_embeddings"]})
    head = {path: tf.Variable(variables[name]) for name, path in _POOLER.items()}
    pretrainer.classification_heads = [
        _trackable({**head, **{path: variables[name] for name, path in _CLASSIFIER.items()}})
    ]
    with written_folder(folder, FORM, untrained) as writing:
        tf.train.Checkpoint(model=pretrainer, encoder=encoder).write(str(writing / CHECKPOINT_NAME))
        act = "gelu" if config.hidden_act == GELU_TANH else ERF_NAME
        content = {**config.to_dict(), "hidden_act": act}
        (writing / CONFIG_NAME).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        return require_same_model(model, load_model_garden(writing))


def encoder_paths(config: BertConfig, functional: bool) -> dict[str, str]:
    """The path below the encoder of each weight of the embeddings, the encoder layers and the pooler."""
    modules = dict(_MODULES)
    if not config.is_factorised:
        del modules["embeddings/projection"]
    layer = "_transformer_layers/{i}/"
    if functional:
        before = len(modules) - 1
        modules = {module: f"layer_with_weights-{n}" for n, module in enumerate(modules)}
        modules["pooler"] = f"layer_with_weights-{before + config.distinct_layers}"
    places = weight_map.module_names(config, modules, layer, "model_garden")
    if functional:
        for module in (name for name in places if name.startswith("encoder/")):
            number, rest = places[module].removeprefix("_transformer_layers/").split("/", 1)
            places[module] = f"layer_with_weights-{before + int(number)}/{rest}"
    paths = {}
    for name in weight_map.weight_shapes(config):
        module, _, kind = name.rpartition("/")
        if name in places:
            paths[name] = f"{places[name]}/embeddings"
        elif module in places:
            paths[name] = f"{places[module]}/{kind}"
    return paths


def to_theirs(name: str, value: np.ndarray, config: BertConfig) -> np.ndarray:
    """A weight with an axis for the attention heads: [hidden, heads, size], or [heads, size, hidden] for the output."""
    heads = (config.num_attention_heads, config.hidden_size // config.num_attention_heads)
    if name.endswith(("attention/query/kernel", "attention/key/kernel", "attention/value/kernel")):
        return value.reshape(config.hidden_size, *heads)
    if name.endswith(("attention/query/bias", "attention/key/bias", "attention/value/bias")):
        return value.reshape(heads)
    if name.endswith("attention/output/kernel"):
        return value.reshape(*heads, config.hidden_size)
    return value


def to_ours(name: str, value: np.ndarray) -> np.ndarray:
    """The inverse of `to_theirs`, whatever the number of heads."""
    if value.ndim == 3:
        width = value.shape[-1] if name.endswith("attention/output/kernel") else value.shape[0]
        return value.reshape((-1, width) if name.endswith("attention/output/kernel") else (width, -1))
    return value.reshape(-1) if name.endswith("/bias") else value


def _find_encoder(checkpoint: TensorFlowCheckpoint) -> tuple[str, bool]:
    """The path of the encoder, and whether it is the functional one."""
    roots = [model + encoder for model in _MODEL_ROOTS for encoder in _ENCODER_ROOTS]
    for root in roots:
        if checkpoint.resolve(f"{root}layer_with_weights-0/embeddings") is not None:
            return root, True
    for root in roots:
        if checkpoint.resolve(f"{root}_embedding_layer/embeddings") is not None:
            return root, False
    raise UserError(
        f"{checkpoint.prefix}: holds no BertEncoder, at its root, in `encoder` or in `model`; name another one"
    )


def _check_heads(checkpoint: TensorFlowCheckpoint, paths: Sequence[str], config: BertConfig) -> None:
    """Raise UserError if the tensors have another number of attention heads, an axis of theirs, than the config."""
    key = next((key for path in paths if (key := checkpoint.resolve(path)) is not None), None)
    shape = list(checkpoint.shapes[key]) if key else []
    if len(shape) == 3 and shape[1] != config.num_attention_heads:
        raise UserError(
            f"{checkpoint.prefix}: its tensors have {shape[1]} attention heads, but the config says num_attention_heads "
            f"{config.num_attention_heads}; mend the config"
        )


def _add(candidates: dict[str, list[str]], root: str, paths: Mapping[str, str], first: bool = False) -> None:
    for name, path in paths.items():
        places = candidates.setdefault(name, [])
        places.insert(0 if first else len(places), root + path)


def _trackable(variables: Mapping[str, Any]) -> Any:
    """Objects whose attributes lead to the variables on the given paths; an object of numbered parts is a list."""
    import tensorflow as tf

    parts: dict[str, dict[str, Any]] = {}
    for path, variable in variables.items():
        part, _, rest = path.partition("/")
        parts.setdefault(part, {})[rest] = variable
    built = {part: below[""] if "" in below else _trackable(below) for part, below in parts.items()}
    if all(part.isdecimal() for part in built):
        return [built[str(i)] for i in range(len(built))]
    module = tf.Module()
    for part, value in built.items():
        setattr(module, part, value)
    return module
