"""One SavedModel, traced in a process of its own as users have it, looked at from all sides."""

import numpy as np
import pytest
import tensorflow as tf

from beam_jobs.errors import UserError
from trainer.export.hugging_face import load_hugging_face, save_hugging_face
from trainer.export.parity import ExportMismatchError
from trainer.export.saved_model import probe_texts, save_saved_model
from trainer.export.weight_map import assign_weights, read_weights
from trainer.model.bert import build_pretrainer
from vocab.vocabulary import load_vocabulary

tf_text = pytest.importorskip("tensorflow_text")


@pytest.fixture(scope="module")
def saved(exported, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "model"
    assert save_saved_model(exported, folder) < 1e-4
    return folder


@pytest.fixture(scope="module")
def loaded(saved):
    return tf.saved_model.load(str(saved))


@pytest.fixture(scope="module")
def vocabulary(vocabulary_file):
    return load_vocabulary(vocabulary_file)


def test_strings_go_in_and_embeddings_come_out(loaded, exported, vocabulary):
    texts = ["the cat sat on the mat", "a bird"]
    found = loaded.signatures["serving_default"](text=tf.constant(texts))
    assert {name: tuple(value.shape) for name, value in found.items()} == {
        "input_ids": (2, 8),
        "input_mask": (2, 8),
        "segment_ids": (2, 8),
        "sequence_output": (2, 8, 32),
        "pooled_output": (2, 32),
    }
    pieces = [[vocabulary.pieces[i] for i in row] for row in found["input_ids"].numpy()]
    assert pieces[0] == ["[CLS]", "the", "cat", "sat", "on", "the", "mat", "[SEP]"]
    assert pieces[1] == ["[CLS]", "a", "bird", "[SEP]", *["[PAD]"] * 4]
    alone = loaded.signatures["serving_default"](text=tf.constant(texts[1:]))
    np.testing.assert_allclose(found["sequence_output"][1:, :4], alone["sequence_output"], atol=1e-5)


def test_pairs_have_two_segments(loaded, exported, vocabulary):
    found = loaded.signatures["text_pairs"](text=tf.constant(["the cat"]), text_pair=tf.constant(["sat on"]))
    pieces = [vocabulary.pieces[i] for i in found["input_ids"].numpy()[0]]
    assert pieces == ["[CLS]", "the", "cat", "[SEP]", "sat", "on", "[SEP]"]
    assert found["segment_ids"].numpy().tolist() == [[0, 0, 0, 0, 1, 1, 1]]
    model = build_pretrainer(load_hugging_face(exported).config)
    assign_weights(model, load_hugging_face(exported))
    inputs = {name: found[name].numpy() for name in ("input_ids", "input_mask", "segment_ids")}
    expected = model.encoder.sequence_output(inputs)
    np.testing.assert_allclose(found["sequence_output"], expected, atol=1e-4)
    np.testing.assert_allclose(found["pooled_output"], model.encoder.pooled_output(expected), atol=1e-4)


def test_long_texts_are_cut_to_the_positions_there_are(loaded):
    long = "cat " * 100
    assert loaded.signatures["serving_default"](text=tf.constant([long]))["input_ids"].shape == (1, 40)
    pair = loaded.signatures["text_pairs"](text=tf.constant([long]), text_pair=tf.constant(["the mat"]))
    assert pair["segment_ids"].numpy().sum() == 3  # the short one is whole
    assert pair["input_ids"].shape == (1, 40)


LAYER = [
    "attention/query/kernel",
    "attention/query/bias",
    "attention/key/kernel",
    "attention/key/bias",
    "attention/value/kernel",
    "attention/value/bias",
    "attention/output/kernel",
    "attention/output/bias",
    "attention_layer_norm/gamma",
    "attention_layer_norm/beta",
    "intermediate/kernel",
    "intermediate/bias",
    "output/kernel",
    "output/bias",
    "output_layer_norm/gamma",
    "output_layer_norm/beta",
]
VARIABLES = [
    "embeddings/word_embeddings",
    "embeddings/position_embeddings",
    "embeddings/token_type_embeddings",
    "embeddings/layer_norm/gamma",
    "embeddings/layer_norm/beta",
    *(f"encoder/layer_0/{name}" for name in LAYER),
    *(f"encoder/layer_1/{name}" for name in LAYER),
    "pooler/kernel",
    "pooler/bias",
]
"""In the order of `encoder_variables`, which is all that a SavedModel of ours names them by."""


def test_only_the_encoder_and_pooler_are_in_it_in_this_order(saved, model):
    reader = tf.train.load_checkpoint(str(saved / "variables" / "variables"))
    names = [f"encoder_variables/{i}/.ATTRIBUTES/VARIABLE_VALUE" for i in range(39)]
    assert set(reader.get_variable_to_shape_map()) == {"_CHECKPOINTABLE_OBJECT_GRAPH", *names}
    weights = read_weights(model)
    for name, ours in zip(names, VARIABLES, strict=True):
        np.testing.assert_array_equal(reader.get_tensor(name), weights[ours], err_msg=ours)


def test_probe_texts_are_of_the_vocabulary_and_beyond(vocabulary):
    texts = probe_texts(vocabulary)
    assert "the" in texts[0].split()
    assert texts[-1] == ""


def test_a_model_folder_without_its_tokenizer_is_refused_in_one_line(exported, tmp_path):
    import shutil

    folder = shutil.copytree(exported, tmp_path / "copy")
    (folder / "tokenizer_config.json").unlink()
    (folder / "tokenizer.json").unlink()
    with pytest.raises(
        UserError, match=r"tokenizer_config\.json: does not say whether the model lower-cases"
    ) as raised:
        save_saved_model(folder, tmp_path / "saved")
    assert "\n" not in str(raised.value)
    assert {path.name for path in tmp_path.iterdir()} == {"copy"}


def test_a_saved_model_with_another_tokenizer_is_never_seen(
    exported, saved, tmp_path, monkeypatch, model, config, vocabulary_file
):
    import shutil

    from trainer.export import saved_model

    save_hugging_face(model, config, vocabulary_file, True, tmp_path / "lower", "card")
    monkeypatch.setattr(
        saved_model, "_trace", lambda source, writing: shutil.copytree(saved, writing, dirs_exist_ok=True)
    )
    with pytest.raises(ExportMismatchError, match="other ids"):
        save_saved_model(tmp_path / "lower", tmp_path / "out")
    assert not (tmp_path / "out").exists()
