import json

import numpy as np
import pytest
import tensorflow as tf

from beam_jobs.errors import UserError
from trainer.export.load import load_checkpoint
from trainer.export.model_garden import encoder_paths, load_model_garden, save_model_garden, to_ours, to_theirs
from trainer.export.weight_map import read_weights, weight_shapes


@pytest.fixture(scope="module")
def saved(model, config, tmp_path_factory):
    folder = tmp_path_factory.mktemp("garden") / "export"
    assert save_model_garden(model, config, folder) <= 1e-6
    return folder


def test_an_export_is_read_back_exactly(saved, model, config, same_weights):
    assert {path.name.split(".data-")[0] for path in saved.iterdir()} == {
        "beambert_export.json",
        "bert_config.json",
        "bert_model.ckpt",
        "bert_model.ckpt.index",
    }
    imported = load_checkpoint(saved)
    assert imported.layout == "Model Garden BertEncoderV2"
    assert imported.config == config
    same_weights(model, imported)


def test_what_the_two_forms_of_gelu_are_called(saved, scaled, config, tmp_path):
    import dataclasses

    assert json.loads((saved / "bert_config.json").read_text())["hidden_act"] == "gelu"
    erf = dataclasses.replace(config, hidden_act="gelu")
    save_model_garden(scaled(erf), erf, tmp_path / "erf")
    assert json.loads((tmp_path / "erf" / "bert_config.json").read_text())["hidden_act"] == "gelu_erf"
    assert load_checkpoint(tmp_path / "erf").config.hidden_act == "gelu"


def test_both_poolers_are_ours(saved, model):
    reader = tf.train.load_checkpoint(str(saved / "bert_model.ckpt"))
    poolers = [
        name
        for name in reader.get_variable_to_shape_map()
        if "pooler" in name or "classification_heads/0/dense" in name
    ]
    kernels = [reader.get_tensor(name) for name in poolers if "kernel" in name]
    assert len(kernels) == 2
    for kernel in kernels:
        np.testing.assert_array_equal(kernel, read_weights(model)["pooler/kernel"])


def test_heads_become_an_axis_and_back(config, model):
    for name, value in read_weights(model).items():
        theirs = to_theirs(name, value, config)
        np.testing.assert_array_equal(to_ours(name, theirs), value)
    assert to_theirs("encoder/layer_0/attention/query/kernel", np.zeros((32, 32)), config).shape == (32, 4, 8)
    assert to_theirs("encoder/layer_0/attention/output/kernel", np.zeros((32, 32)), config).shape == (4, 8, 32)


def test_attention_heads_that_the_tensors_do_not_have_are_refused(saved, config, tmp_path):
    import dataclasses

    with pytest.raises(UserError, match="have 4 attention heads, but the config says num_attention_heads 2"):
        load_checkpoint(saved / "bert_model.ckpt", config=dataclasses.replace(config, num_attention_heads=2))


def test_functional_layers_are_numbered_in_creation_order(config, albert):
    paths = encoder_paths(config, functional=True)
    assert paths["embeddings/word_embeddings"] == "layer_with_weights-0/embeddings"
    assert paths["encoder/layer_0/intermediate/kernel"] == "layer_with_weights-4/_intermediate_dense/kernel"
    assert paths["pooler/bias"] == "layer_with_weights-6/bias"
    paths = encoder_paths(albert, functional=True)
    assert paths["embeddings/projection/kernel"] == "layer_with_weights-4/kernel"
    assert paths["encoder/layer_0/output/bias"] == "layer_with_weights-5/_output_dense/bias"


def test_shared_layers_are_refused(albert, scaled, tmp_path):
    with pytest.raises(UserError, match="no shared layers"):
        save_model_garden(scaled(albert), albert, tmp_path / "model")


def test_a_checkpoint_of_something_else_is_refused(tmp_path, config):
    prefix = tf.train.Checkpoint(model=tf.Variable(1.0)).write(str(tmp_path / "ckpt"))
    with pytest.raises(UserError, match="holds no BertEncoder"):
        load_checkpoint(prefix, config=config)


@pytest.fixture(scope="module")
def garden():
    """Model Garden's classes, and a way to build its pretrainer of the tests' shape."""
    pytest.importorskip("official")
    import tf_keras
    from official.nlp.modeling import layers, models, networks

    def build(config, encoder_class):
        def gelu(x):
            return tf_keras.activations.gelu(x, approximate=True)

        def initializer():
            return tf_keras.initializers.RandomNormal(stddev=0.16)

        encoder = getattr(networks, encoder_class)(
            vocab_size=config.vocab_size,
            hidden_size=config.hidden_size,
            num_layers=config.num_hidden_layers,
            num_attention_heads=config.num_attention_heads,
            inner_dim=config.intermediate_size,
            max_sequence_length=config.max_position_embeddings,
            type_vocab_size=config.type_vocab_size,
            inner_activation=gelu,
            initializer=initializer(),
        )
        head = layers.ClassificationHead(config.hidden_size, 2, initializer=initializer(), name="next_sentence")
        pretrainer = models.BertPretrainerV2(
            encoder, mlm_activation=gelu, mlm_initializer=initializer(), classification_heads=[head]
        )
        return encoder, pretrainer

    return build


def their_outputs(pretrainer, case):
    inputs = {
        "input_word_ids": case["input_ids"],
        "input_mask": case["input_mask"],
        "input_type_ids": case["segment_ids"],
        "masked_lm_positions": case["masked_lm_positions"],
    }
    outputs = pretrainer({name: tf.constant(value) for name, value in inputs.items()})
    return {"mlm_logits": outputs["mlm_logits"], "nsp_logits": outputs["next_sentence"]}


@pytest.mark.parametrize("encoder_class", ["BertEncoder", "BertEncoderV2"])
def test_their_checkpoints_are_read_in_every_layout(garden, config, pretraining_case, tmp_path, encoder_class, scaled):
    from trainer.export.parity import logits
    from trainer.export.weight_map import assign_weights

    encoder, pretrainer = garden(config, encoder_class)
    expected = {name: value.numpy() for name, value in their_outputs(pretrainer, pretraining_case).items()}
    expected_layout = {"BertEncoder": "Model Garden functional", "BertEncoderV2": "Model Garden BertEncoderV2"}
    whole = {
        "model": tf.train.Checkpoint(model=pretrainer),
        "items": tf.train.Checkpoint(model=pretrainer, **pretrainer.checkpoint_items),
    }
    ours = scaled(config)
    inputs = ("input_ids", "input_mask", "segment_ids", "masked_lm_positions")
    for name, checkpoint in whole.items():
        imported = load_checkpoint(checkpoint.save(str(tmp_path / name)), config=config)
        assert imported.layout == expected_layout[encoder_class]
        assert sum("pooler" in key or "layer_with_weights-6" in key for key in imported.passed_over) == 2
        assign_weights(ours, imported)
        found = logits(ours, {name: pretraining_case[name] for name in inputs})
        for head, value in expected.items():
            assert np.abs(found[head] - value).max() <= 1e-5 * np.abs(value).max()
    alone = tf.train.Checkpoint(encoder=encoder).save(str(tmp_path / "alone"))
    with pytest.raises(UserError, match="allow masked_lm, next_sentence to be initialised"):
        load_checkpoint(alone, config=config)
    imported = load_checkpoint(alone, config=config, allow_missing=("masked_lm", "next_sentence"))
    np.testing.assert_array_equal(imported.weights["pooler/kernel"], encoder.pooler_layer.kernel.numpy())
    bare = tf.train.Checkpoint(**pretrainer.checkpoint_items).save(str(tmp_path / "bare"))
    imported = load_model_garden(bare, config=config, allow_missing=("next_sentence",))
    np.testing.assert_array_equal(
        imported.weights["pooler/kernel"], pretrainer.classification_heads[0].dense.kernel.numpy()
    )


def test_our_export_restores_into_their_pretrainer_with_equal_logits_and_gradients(
    garden, saved, model, config, pretraining_case, logits_and_gradients, assert_parity
):
    encoder, pretrainer = garden(config, "BertEncoderV2")
    case = pretraining_case
    their_outputs(pretrainer, case)
    status = tf.train.Checkpoint(model=pretrainer).read(str(saved / "bert_model.ckpt"))
    status.assert_existing_objects_matched()
    with tf.GradientTape() as tape:
        outputs = their_outputs(pretrainer, case)
        masked = tf.nn.sparse_softmax_cross_entropy_with_logits(case["masked_lm_ids"], outputs["mlm_logits"])
        following = tf.nn.sparse_softmax_cross_entropy_with_logits(case["next_sentence_labels"], outputs["nsp_logits"])
        weights = case["masked_lm_weights"]
        loss = tf.reduce_sum(masked * weights) / weights.sum() + tf.reduce_mean(following)
    head, masked_lm = pretrainer.classification_heads[0], pretrainer.masked_lm
    others = {
        "pooler/kernel": head.dense.kernel,
        "pooler/bias": head.dense.bias,
        "next_sentence/classifier/kernel": head.out_proj.kernel,
        "next_sentence/classifier/bias": head.out_proj.bias,
        "masked_lm/bias": masked_lm.bias,
        "masked_lm/transform/kernel": masked_lm.dense.kernel,
        "masked_lm/transform/bias": masked_lm.dense.bias,
        "masked_lm/layer_norm/gamma": masked_lm.layer_norm.gamma,
        "masked_lm/layer_norm/beta": masked_lm.layer_norm.beta,
    }
    paths = encoder_paths(config, functional=False)
    variables = {
        name: others[name] if name in others else follow(encoder, paths[name]) for name in weight_shapes(config)
    }
    gradients = tape.gradient(loss, list(variables.values()))
    theirs = {
        name: to_ours(name, tf.convert_to_tensor(gradient).numpy())
        for name, gradient in zip(variables, gradients, strict=True)
    }
    assert_parity(logits_and_gradients(model), ({name: value.numpy() for name, value in outputs.items()}, theirs))


def test_our_export_restores_into_their_encoder_alone(garden, saved, config, model):
    encoder, _ = garden(config, "BertEncoderV2")
    tf.train.Checkpoint(encoder=encoder).read(str(saved / "bert_model.ckpt")).assert_existing_objects_matched()
    np.testing.assert_array_equal(encoder.pooler_layer.kernel.numpy(), read_weights(model)["pooler/kernel"])


def follow(root, path):
    for part in path.split("/"):
        last = getattr(root, "_position_embeddings", None) if part == "embeddings" else None  # named so there
        root = root[int(part)] if part.isdecimal() else getattr(root, part, last)
    return root
