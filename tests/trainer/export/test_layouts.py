"""Every weight by its literal name and shape in each layout: `layouts/*.txt`, a line a weight.

The lists are those of the published code and checkpoints, typed and not made with the maps under test: a map that takes
the keys for the queries, or one layer norm for the other, reads and writes files that agree with itself, and no others.
A line has our name, theirs and their shape, for the network of these tests: 100 pieces, 2 layers of width 32 with 4 heads.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from trainer.export.hugging_face import save_hugging_face
from trainer.export.hugging_face_names import hugging_face_config
from trainer.export.load import load_checkpoint
from trainer.export.model_garden import save_model_garden
from trainer.export.weight_map import read_weights, weight_shapes

HUGGING_FACE = ["hugging_face_bert", "hugging_face_albert"]
ORIGINAL = ["original_bert", "original_albert"]
LAYOUTS = [*HUGGING_FACE, *ORIGINAL, "model_garden_v2", "model_garden_functional"]


def lines(layout):
    """(our name, their name, their shape) of every weight."""
    text = (Path(__file__).parent / "layouts" / f"{layout}.txt").read_text()
    rows = [line.split() for line in text.splitlines()]
    return [(ours, theirs, tuple(map(int, shape.split("x")))) for ours, theirs, shape in rows]


def network(layout, config, albert):
    return albert if layout.endswith("albert") else config


def write_checkpoint(folder, layout, config, tensors):
    """A checkpoint file of a layout from tensors by the names of the list."""
    import tensorflow as tf

    if layout in HUGGING_FACE:
        save_file(tensors, folder / "model.safetensors")
        (folder / "config.json").write_text(json.dumps(hugging_face_config(config)))
        return
    if layout == "original_albert":  # as google-research/albert writes it
        own = {
            "num_hidden_groups": 1,
            "inner_group_num": 1,
            "net_structure_type": 0,
            "gap_size": 0,
            "hidden_act": "gelu",
        }
        content = {key: value for key, value in config.to_dict().items() if key != "share_layers"}
        (folder / "albert_config.json").write_text(json.dumps({**content, **own}))
    else:
        (folder / "bert_config.json").write_text(json.dumps(config.to_dict()))
    if layout in ORIGINAL:
        names, values = list(tensors), [tf.constant(value) for value in tensors.values()]
        tf.raw_ops.SaveV2(
            prefix=str(folder / "bert_model.ckpt"),
            tensor_names=names,
            shape_and_slices=[""] * len(names),
            tensors=values,
        )
        return
    root = tf.train.Checkpoint()
    for name, value in tensors.items():
        node, parts = root, name.split("/")
        for part in parts[:-1]:
            if not hasattr(node, part):
                setattr(node, part, tf.train.Checkpoint())
            node = getattr(node, part)
        setattr(node, parts[-1], tf.Variable(value))
    root.write(str(folder / "bert_model.ckpt"))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_weight_is_read_from_its_own_tensor(layout, config, albert, tmp_path):
    draws = np.random.default_rng(5)
    tensors = {theirs: draws.standard_normal(shape).astype(np.float32) for _, theirs, shape in lines(layout)}
    network_config = network(layout, config, albert)
    write_checkpoint(tmp_path, layout, network_config, tensors)
    imported = load_checkpoint(tmp_path)
    assert imported.config == network_config
    weights = imported.weights
    assert [ours for ours, _, _ in lines(layout)] == list(weight_shapes(network_config))
    assert weights.keys() == weight_shapes(network_config).keys()
    for ours, theirs, _ in lines(layout):
        value = tensors[theirs]
        torch_kernel = layout in HUGGING_FACE and ours.endswith("/kernel")
        if torch_kernel or theirs == "cls/seq_relationship/output_weights":  # [outputs, inputs] there
            value = value.T
        np.testing.assert_array_equal(weights[ours], value.reshape(weights[ours].shape), err_msg=ours)


@pytest.mark.parametrize("layout", HUGGING_FACE)
def test_every_weight_is_written_under_its_own_name(layout, config, albert, scaled, vocabulary_file, tmp_path):
    model = scaled(network(layout, config, albert))
    save_hugging_face(model, model.config, vocabulary_file, False, tmp_path / "model", "card")
    tensors, weights = load_file(tmp_path / "model" / "model.safetensors"), read_weights(model)
    assert {name: value.shape for name, value in tensors.items()} == {theirs: s for _, theirs, s in lines(layout)}
    for ours, theirs, _ in lines(layout):
        value = weights[ours].T if ours.endswith("/kernel") else weights[ours]
        np.testing.assert_array_equal(tensors[theirs], value, err_msg=ours)


@pytest.mark.parametrize("layout", ORIGINAL)
def test_every_weight_is_written_under_its_name_of_tensorflow_1(layout, config, albert, scaled, tmp_path):
    from trainer.export.original_bert import save_original_bert
    from trainer.export.tensorflow_checkpoint import TensorFlowCheckpoint

    model = scaled(network(layout, config, albert))
    assert save_original_bert(model, model.config, tmp_path / "model") == 0
    checkpoint, weights = TensorFlowCheckpoint(tmp_path / "model"), read_weights(model)
    assert set(checkpoint.shapes) == {theirs for _, theirs, _ in lines(layout)}
    for ours, theirs, shape in lines(layout):
        value = checkpoint.read(theirs)
        assert value.shape == shape
        turned = theirs == "cls/seq_relationship/output_weights"
        np.testing.assert_array_equal(value.T if turned else value, weights[ours], err_msg=ours)


def test_every_weight_of_a_model_garden_export_is_under_its_own_path(config, model, tmp_path):
    from trainer.export.tensorflow_checkpoint import TensorFlowCheckpoint

    save_model_garden(model, config, tmp_path / "model")
    checkpoint, weights = TensorFlowCheckpoint(tmp_path / "model"), read_weights(model)
    for ours, theirs, shape in lines("model_garden_v2"):
        value = checkpoint.read(checkpoint.resolve(theirs))
        assert value.shape == shape
        np.testing.assert_array_equal(value, weights[ours].reshape(shape), err_msg=ours)
