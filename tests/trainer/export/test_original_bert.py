import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from beam_jobs.errors import UserError
from trainer.export.load import load_checkpoint
from trainer.export.original_bert import load_original_bert, save_original_bert, tensor_names, turned
from trainer.export.weight_map import read_weights


def write(folder: Path, tensors, hidden_act="gelu", config=None):
    """A checkpoint with TensorFlow 1 names, as `tf.train.Saver` writes it, and its bert_config.json."""
    prefix = folder / "bert_model.ckpt"
    names, values = list(tensors), list(tensors.values())
    tf.raw_ops.SaveV2(
        prefix=str(prefix),
        tensor_names=names,
        shape_and_slices=[""] * len(names),
        tensors=[tf.constant(v) for v in values],
    )
    if config is not None:
        (folder / "bert_config.json").write_text(json.dumps({**config.to_dict(), "hidden_act": hidden_act}))
    return prefix


@pytest.fixture
def tensors(model, config):
    names = tensor_names(config)
    return {names[name]: turned(name, value) for name, value in read_weights(model).items()}


def test_the_names_are_those_of_google_research_bert(config):
    names = set(tensor_names(config).values())
    assert {
        "bert/embeddings/LayerNorm/beta",
        "bert/encoder/layer_1/attention/self/query/kernel",
        "bert/encoder/layer_1/attention/output/LayerNorm/gamma",
        "bert/encoder/layer_0/intermediate/dense/bias",
        "bert/encoder/layer_0/output/dense/kernel",
        "bert/pooler/dense/kernel",
        "cls/predictions/output_bias",
        "cls/predictions/transform/LayerNorm/beta",
        "cls/seq_relationship/output_weights",
    } <= names
    assert len(names) == len(tensor_names(config))


def test_a_checkpoint_is_read_exactly_and_gelu_means_the_tanh_form(tmp_path, tensors, model, config, same_weights):
    assert tensors["cls/seq_relationship/output_weights"].shape == (2, 32)
    prefix = write(tmp_path, tensors, config=config)
    for path in (prefix, tmp_path, f"{prefix}.index"):
        imported = load_checkpoint(path)
        assert imported.config == config
        assert config.hidden_act == "gelu_new"
        same_weights(model, imported)
    assert load_checkpoint(prefix, hidden_act="gelu").config.hidden_act == "gelu"


def test_optimizer_slots_of_a_training_checkpoint_are_passed_over(tmp_path, tensors, model, config, same_weights):
    slots = {f"{name}/{slot}": value for name, value in tensors.items() for slot in ("adam_m", "adam_v")}
    prefix = write(tmp_path, {**tensors, **slots, "global_step": np.int64(7)}, config=config)
    imported = load_original_bert(prefix)
    same_weights(model, imported)
    assert len(imported.passed_over) == 2 * len(tensors) + 1


def test_missing_and_unexpected_tensors_are_named(tmp_path, tensors, config):
    some = {name: value for name, value in tensors.items() if "seq_relationship" not in name}
    prefix = write(tmp_path, some, config=config)
    with pytest.raises(UserError, match=r"lacks cls/seq_relationship/output_weights.*allow next_sentence to be"):
        load_checkpoint(prefix)
    imported = load_checkpoint(prefix, allow_missing=("next_sentence",))
    assert imported.initialised == ("next_sentence/classifier/kernel", "next_sentence/classifier/bias")
    prefix = write(tmp_path, {**tensors, "output_weights": np.zeros((3, 32), np.float32)}, config=config)
    with pytest.raises(UserError, match="holds output_weights, which this network has no place for"):
        load_checkpoint(prefix)


def test_a_checkpoint_without_its_config_or_files_is_refused(tmp_path, tensors, config):
    prefix = write(tmp_path, tensors)
    with pytest.raises(UserError, match=r"no bert_config.json beside the checkpoint"):
        load_checkpoint(prefix)
    assert load_checkpoint(prefix, config=config).config == config
    with pytest.raises(UserError, match="no such checkpoint"):
        load_checkpoint(tmp_path / "other.ckpt")
    with pytest.raises(UserError, match="no such checkpoint"):
        load_checkpoint(tmp_path / "nowhere" / "bert_model.ckpt")
    write(tmp_path, tensors, config=config)
    next(tmp_path.glob("*.data-*")).write_bytes(b"cut")
    with pytest.raises(UserError, match="cannot read the checkpoint"):
        load_checkpoint(prefix)


def test_an_albert_of_that_lineage_is_not_mistaken(tmp_path, tensors, config):
    prefix = write(tmp_path, tensors, config=config)
    content = {**config.to_dict(), "num_hidden_layers": 3}
    (tmp_path / "bert_config.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"lacks bert/encoder/layer_2/attention/self/query/kernel.*take another"):
        load_checkpoint(prefix)


def test_an_export_is_read_back_with_its_config_and_its_untrained_heads(tmp_path, model, config, same_weights):
    assert save_original_bert(model, config, tmp_path / "bert", untrained=["next_sentence"]) == 0
    imported = load_checkpoint(tmp_path / "bert")
    same_weights(model, imported)
    assert imported.config == config
    assert imported.layout == "original BERT"
    assert imported.untrained == ("next_sentence",)
    content = json.loads((tmp_path / "bert" / "bert_config.json").read_text())
    assert content["hidden_act"] == "gelu"  # the tanh form, as google-research/bert means it
    assert "share_layers" not in content


@pytest.mark.parametrize("shared", [True, False])
def test_an_albert_is_written_as_google_research_albert_writes_it(shared, tmp_path, albert, scaled, same_weights):
    model = scaled(dataclasses.replace(albert, share_layers=shared))
    assert save_original_bert(model, model.config, tmp_path / "albert") == 0
    assert (tmp_path / "albert" / "model.ckpt-best.index").exists()
    content = json.loads((tmp_path / "albert" / "albert_config.json").read_text())
    assert content["num_hidden_groups"] == (1 if shared else 2)
    assert "model_type" not in content
    imported = load_checkpoint(tmp_path / "albert")
    same_weights(model, imported)
    assert (imported.config, imported.layout) == (model.config, "original ALBERT")
    groups = {name.split("/")[3] for name in tensor_names(model.config).values() if "/transformer/" in name}
    assert groups == ({"group_0"} if shared else {"group_0", "group_1"})


def test_a_network_without_a_place_in_the_format_is_refused(tmp_path, config, scaled):
    shared = dataclasses.replace(config, share_layers=True)
    with pytest.raises(UserError, match="google-research/bert has no shared layers"):
        save_original_bert(scaled(shared), shared, tmp_path / "model")
    assert not (tmp_path / "model").exists()
