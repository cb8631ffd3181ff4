"""What Hugging Face calls the weights and settings of each family of networks, and the files of its tokenizer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from beam_jobs.errors import UserError
from trainer.export import weight_map
from trainer.export.tokenizer_files import write_tokenizer_files
from trainer.model.config import BertConfig
from trainer.model.family import ALBERT, BERT, ROBERTA

_KINDS = {"kernel": "weight", "gamma": "weight", "beta": "bias", "bias": "bias"}


@dataclass(frozen=True)
class FamilyLayout:
    """A family's model folder."""

    architecture: str  # the class of transformers that has the pretraining heads
    prefix: str  # of the encoder's tensors, absent in folders saved from the class without heads
    modules: Mapping[str, str]  # outside of the encoder layers, by our names
    layer: str  # where encoder layer {i} is
    layer_modules: str  # the field of `LayerModule` with the names inside a layer
    settings: Callable[[BertConfig], dict[str, Any]]  # keys of config.json that not every family has
    write_tokenizer: Callable[..., None] = write_tokenizer_files


def _bert_settings(config: BertConfig) -> dict[str, Any]:
    if config.share_layers:
        raise UserError(
            "config: Hugging Face has no BERT with shared layers; set embedding_size, which makes it an ALBERT"
        )
    return {}


def _albert_settings(config: BertConfig) -> dict[str, Any]:
    groups = {"num_hidden_groups": config.distinct_layers, "inner_group_num": 1, "classifier_dropout_prob": 0.1}
    return {"embedding_size": config.embedding_size, **groups}


LAYOUTS = {
    BERT.name: FamilyLayout(
        architecture="BertForPreTraining",
        prefix="bert.",
        modules={
            "embeddings/word_embeddings": "bert.embeddings.word_embeddings",
            "embeddings/position_embeddings": "bert.embeddings.position_embeddings",
            "embeddings/token_type_embeddings": "bert.embeddings.token_type_embeddings",
            "embeddings/layer_norm": "bert.embeddings.LayerNorm",
            "pooler": "bert.pooler.dense",
            "masked_lm": "cls.predictions",
            "masked_lm/transform": "cls.predictions.transform.dense",
            "masked_lm/layer_norm": "cls.predictions.transform.LayerNorm",
            "next_sentence/classifier": "cls.seq_relationship",
        },
        layer="bert.encoder.layer.{i}.",
        layer_modules="hugging_face",
        settings=_bert_settings,
    ),
    ALBERT.name: FamilyLayout(
        architecture="AlbertForPreTraining",
        prefix="albert.",
        modules={
            "embeddings/word_embeddings": "albert.embeddings.word_embeddings",
            "embeddings/position_embeddings": "albert.embeddings.position_embeddings",
            "embeddings/token_type_embeddings": "albert.embeddings.token_type_embeddings",
            "embeddings/layer_norm": "albert.embeddings.LayerNorm",
            "embeddings/projection": "albert.encoder.embedding_hidden_mapping_in",
            "pooler": "albert.pooler",
            "masked_lm": "predictions",
            "masked_lm/transform": "predictions.dense",
            "masked_lm/layer_norm": "predictions.LayerNorm",
            "next_sentence/classifier": "sop_classifier.classifier",
        },
        layer="albert.encoder.albert_layer_groups.{i}.albert_layers.0.",
        layer_modules="albert",
        settings=_albert_settings,
    ),
    ROBERTA.name: FamilyLayout(
        architecture="RobertaForMaskedLM",
        prefix="roberta.",
        modules={
            "embeddings/word_embeddings": "roberta.embeddings.word_embeddings",
            "embeddings/position_embeddings": "roberta.embeddings.position_embeddings",
            "embeddings/token_type_embeddings": "roberta.embeddings.token_type_embeddings",
            "embeddings/layer_norm": "roberta.embeddings.LayerNorm",
            "pooler": "roberta.pooler.dense",
            "masked_lm": "lm_head",
            "masked_lm/transform": "lm_head.dense",
            "masked_lm/layer_norm": "lm_head.layer_norm",
            "next_sentence/classifier": "next_sentence",  # transformers has no class of it
        },
        layer="roberta.encoder.layer.{i}.",
        layer_modules="hugging_face",
        settings=lambda config: {},
    ),
}
"""By the family's name."""


def layout_of(config: BertConfig) -> FamilyLayout:
    """The layout of the family that a config is of."""
    return LAYOUTS[config.family.name]


def hugging_face_config(config: BertConfig, pad_id: int = 0) -> dict[str, Any]:
    """The content of config.json; `hidden_act` as trained, `pad_id` the vocabulary's."""
    layout = layout_of(config)
    own = {key: value for key, value in config.to_dict().items() if key not in ("share_layers", "embedding_size")}
    shared = {"pad_token_id": pad_id, "position_embedding_type": "absolute", "torch_dtype": "float32"}
    kind = {"architectures": [layout.architecture], "model_type": config.family.name}
    return {**own, **shared, **layout.settings(config), **kind}


def tensor_names(config: BertConfig) -> dict[str, str]:
    """The name in model.safetensors of each of our weights."""
    layout = layout_of(config)
    modules = weight_map.module_names(config, layout.modules, layout.layer, layout.layer_modules)
    names = {}
    for name in weight_map.weight_shapes(config):
        module, _, kind = name.rpartition("/")
        names[name] = f"{modules[module]}.{_KINDS[kind]}" if module in modules else f"{modules[name]}.weight"
    return names
