"""The weights of our model by name and shape, and what every checkpoint layout calls the modules they belong to.

A weight is named by its Keras path without the model's own name: `encoder/layer_3/attention/query/kernel`. Kernels are
[inputs, outputs], as TensorFlow keeps them; each layout module says how its tensors differ from that.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import keras
import numpy as np

from beam_jobs.errors import UserError
from trainer.model.config import HEADS, BertConfig
from trainer.model.encoder_with_heads import EncoderWithHeads

Weights = dict[str, np.ndarray]


@dataclass(frozen=True)
class LayerModule:
    """The name of one module of an encoder layer in each layout."""

    hugging_face: str
    albert: str  # Hugging Face's ALBERT
    original: str  # google-research/bert
    original_albert: str  # google-research/albert
    model_garden: str


LAYER_MODULES = {
    "attention/query": LayerModule(
        "attention.self.query",
        "attention.query",
        "attention/self/query",
        "attention_1/self/query",
        "_attention_layer/_query_dense",
    ),
    "attention/key": LayerModule(
        "attention.self.key",
        "attention.key",
        "attention/self/key",
        "attention_1/self/key",
        "_attention_layer/_key_dense",
    ),
    "attention/value": LayerModule(
        "attention.self.value",
        "attention.value",
        "attention/self/value",
        "attention_1/self/value",
        "_attention_layer/_value_dense",
    ),
    "attention/output": LayerModule(
        "attention.output.dense",
        "attention.dense",
        "attention/output/dense",
        "attention_1/output/dense",
        "_attention_layer/_output_dense",
    ),
    "attention_layer_norm": LayerModule(
        "attention.output.LayerNorm",
        "attention.LayerNorm",
        "attention/output/LayerNorm",
        "LayerNorm",
        "_attention_layer_norm",
    ),
    "intermediate": LayerModule(
        "intermediate.dense", "ffn", "intermediate/dense", "ffn_1/intermediate/dense", "_intermediate_dense"
    ),
    "output": LayerModule(
        "output.dense", "ffn_output", "output/dense", "ffn_1/intermediate/output/dense", "_output_dense"
    ),
    "output_layer_norm": LayerModule(
        "output.LayerNorm", "full_layer_layer_norm", "output/LayerNorm", "LayerNorm_1", "_output_layer_norm"
    ),
}


@dataclass(frozen=True)
class ImportedModel:
    """A checkpoint that has been read: `weights` fit a model built from `config`."""

    config: BertConfig
    weights: Weights
    layout: str  # for the log: "Hugging Face", "original BERT", ...
    source: str
    initialised: tuple[str, ...] = ()  # weights the checkpoint lacks and the caller allowed to stay as initialised
    passed_over: tuple[str, ...] = ()  # tensors that are not weights of the model: optimizer slots, unused poolers
    untrained: tuple[str, ...] = ()  # heads of HEADS that the checkpoint holds but that were never trained
    task_head: Weights = field(default_factory=dict)  # of a fine-tuned model, by our names; not in `weights`

    @property
    def untrained_heads(self) -> tuple[str, ...]:
        """The heads of HEADS whose weights are random: missing in the checkpoint, or never trained."""
        missing = {name.split("/")[0] for name in self.initialised}
        return tuple(head for head in HEADS if head in missing or head in self.untrained)

    def describe(self) -> str:
        """One line for the log: what was read and what was not."""
        text = f"{self.source}: {self.layout} checkpoint, {len(self.weights)} weights"
        if self.initialised:
            text += f"; left as initialised: {', '.join(self.initialised)}"
        if self.untrained:
            text += f"; untrained there: {', '.join(self.untrained)}"
        if self.passed_over:
            text += f"; passed over: {', '.join(self.passed_over)}"
        return text


def weight_shapes(config: BertConfig) -> dict[str, tuple[int, ...]]:
    """Every trainable weight of a model with this config, in the order in which the model creates them."""
    hidden, width, inner = config.hidden_size, config.embedding_width, config.intermediate_size
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings/word_embeddings": (config.vocab_size, width),
        "embeddings/position_embeddings": (config.max_position_embeddings, width),
        "embeddings/token_type_embeddings": (config.type_vocab_size, width),
        **_layer_norm("embeddings/layer_norm", width),
    }
    if config.is_factorised:
        shapes |= _dense("embeddings/projection", width, hidden)
    for i in range(config.distinct_layers):
        for module in LAYER_MODULES:
            path = f"encoder/layer_{i}/{module}"
            if module.endswith("layer_norm"):
                shapes |= _layer_norm(path, hidden)
            else:
                outputs = inner if module == "intermediate" else hidden
                shapes |= _dense(path, inner if module == "output" else hidden, outputs)
    shapes |= _dense("pooler", hidden, hidden)
    shapes["masked_lm/bias"] = (config.vocab_size,)
    shapes |= _dense("masked_lm/transform", hidden, width) | _layer_norm("masked_lm/layer_norm", width)
    shapes |= _dense("next_sentence/classifier", hidden, config.next_sentence_labels)
    return shapes


def module_names(config: BertConfig, outside: Mapping[str, str], layer: str, layout: str) -> dict[str, str]:
    """The module or table of each of our modules in one layout.

    `outside` maps the modules outside the encoder layers; `layer` is the layer's place with `{i}` for its number;
    `layout` is the field of LayerModule to take.
    """
    names = dict(outside)
    for i in range(config.distinct_layers):
        for module, layouts in LAYER_MODULES.items():
            names[f"encoder/layer_{i}/{module}"] = layer.format(i=i) + getattr(layouts, layout)
    return names


def weight_path(variable: keras.Variable) -> str:
    """The name of a weight: its variable's path without the model's own name."""
    return variable.path.split("/", 1)[1]


def read_weights(model: EncoderWithHeads) -> Weights:
    """The model's weights as float32 arrays."""
    return {weight_path(variable): np.asarray(variable.numpy(), np.float32) for variable in model.trainable_variables}


def assign_weights(model: EncoderWithHeads, imported: ImportedModel) -> None:
    """Put imported weights into a model; UserError if the two are not of the same shape."""
    variables = {weight_path(variable): variable for variable in model.trainable_variables}
    wrong = [
        f"{name} {tuple(variable.shape)} here, {imported.weights[name].shape} there"
        for name, variable in variables.items()
        if name in imported.weights and imported.weights[name].shape != tuple(variable.shape)
    ]
    missing = [name for name in variables if name not in imported.weights and name not in imported.initialised]
    wrong += [f"{name} is missing there" for name in missing]
    wrong += [f"{name} is not of this model" for name in imported.weights if name not in variables]
    if wrong:
        raise UserError(
            f"{imported.source}: not a checkpoint of this model: {_some(wrong)}; name one of the same config"
        )
    for name, value in imported.weights.items():
        variables[name].assign(value)


def check_imported(
    config: BertConfig,
    weights: Weights,
    *,
    names: Mapping[str, str],
    unexpected: Collection[str],
    allow_missing: Collection[str],
    source: str,
) -> tuple[str, ...]:
    """Raise UserError, naming the tensors, unless a checkpoint is complete and holds nothing else.

    Args:
        config: the config found with the checkpoint.
        weights: what was found, by our names, in our shapes.
        names: the checkpoint's name of each weight, for the message.
        unexpected: tensors of the checkpoint that no weight of ours corresponds to.
        allow_missing: of HEADS, those that may be missing; they are initialised at random.
        source: the checkpoint, for the message.

    Returns:
        The names of the missing weights that were allowed.
    """
    unknown = sorted(set(allow_missing) - set(HEADS))
    if unknown:
        raise UserError(f"{source}: cannot leave {_some(unknown)} as initialised; only {', '.join(HEADS)}")
    shapes = weight_shapes(config)
    missing = [name for name in shapes if name not in weights]
    refused = [names.get(name, name) for name in missing if name.split("/")[0] not in allow_missing]
    if refused:
        parts = sorted({name.split("/")[0] for name in missing} & set(HEADS))
        remedy = "take another checkpoint"
        if len(refused) == sum(name.split("/")[0] in parts for name in missing):
            remedy += f", or allow {', '.join(parts)} to be initialised at random (--allow_missing {' '.join(parts)})"
        raise UserError(f"{source}: the checkpoint lacks {_some(refused)}; {remedy}")
    if unexpected:
        raise UserError(
            f"{source}: the checkpoint holds {_some(sorted(unexpected))}, which this network has no place for"
        )
    wrong = [
        f"{names.get(name, name)} {weights[name].shape} and not {shapes[name]}"
        for name in weights
        if weights[name].shape != shapes[name]
    ]
    if wrong:
        raise UserError(f"{source}: tensors are of other shapes than the config says: {_some(wrong)}; mend the config")
    bad = [names.get(name, name) for name, value in weights.items() if not np.isfinite(value).all()]
    if bad:
        raise UserError(
            f"{source}: {_some(bad)} not finite; the checkpoint is of a run that diverged: take an earlier one"
        )
    return tuple(missing)


def require_two_labels(config: BertConfig, form: str) -> None:
    """Raise UserError if the next-sentence head has more labels than other tools have a place for."""
    if config.next_sentence_labels != 2:
        raise UserError(
            f"{form} holds a next-sentence head of 2 labels, but the model was trained on {config.next_sentence_labels}; "
            "it cannot be exported: train on data of an objective with 2 labels"
        )


def _some(items: Collection[str], limit: int = 6) -> str:
    listed = list(items)
    more = f" and {len(listed) - limit} more" if len(listed) > limit else ""
    return ", ".join(listed[:limit]) + more


def _dense(path: str, inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
    return {f"{path}/kernel": (inputs, outputs), f"{path}/bias": (outputs,)}


def _layer_norm(path: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{path}/gamma": (width,), f"{path}/beta": (width,)}
