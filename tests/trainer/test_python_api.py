"""`import trainer` in a program or a notebook: an exported model encodes texts and fills gaps."""

import re
from pathlib import Path

import numpy as np
import pytest

import trainer
from trainer import backend
from trainer.export.hugging_face import save_hugging_face
from trainer.export.parity import logits
from trainer.model.bert import build_pretrainer
from trainer.model.config import BertConfig

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat", "on", "mat", "."]


@pytest.fixture(scope="module")
def network():
    config = BertConfig(
        vocab_size=len(PIECES),
        hidden_size=8,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=24,
    )
    return build_pretrainer(config, seed=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, network):
    folder = tmp_path_factory.mktemp("exported")
    (folder / "vocab.txt").write_text("\n".join(PIECES) + "\n")
    save_hugging_face(network, network.config, folder / "vocab.txt", True, folder / "hugging_face", "card")
    return folder / "hugging_face"


@pytest.fixture(scope="module")
def model(folder):
    return trainer.load(folder)


def test_the_page_shows_lines_that_run(folder, tmp_path, monkeypatch):
    page = (Path(trainer.__file__).parent / "README.md").read_text()
    (code,) = re.findall(r"(?s)## From Python\n.*?```python\n(.*?)```", page)
    (tmp_path / "exported").symlink_to(folder)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(code, names)
    assert names["encoded"].mask.shape == names["encoded"].last_hidden_state.shape[:2]


def test_texts_are_encoded_as_the_network_computes_them(model, network):
    texts = ["the cat sat", "the cat sat on the mat .", "cat"]
    encoded = model.encode(texts)
    assert encoded.pieces[0] == ("[CLS]", "the", "cat", "sat", "[SEP]")
    assert encoded.last_hidden_state.shape == (3, 9, 8)
    assert encoded.last_hidden_state.dtype == encoded.pooled.dtype == np.float32
    assert encoded.mask.sum(axis=1).tolist() == [5, 9, 3]
    for row, pieces in enumerate(encoded.pieces):
        length = len(pieces)
        inputs = {
            "input_ids": np.array([[PIECES.index(piece) for piece in pieces]], np.int32),
            "input_mask": np.ones((1, length), np.int32),
            "segment_ids": np.zeros((1, length), np.int32),
        }
        sequence = network.encoder.sequence_output(inputs)
        np.testing.assert_allclose(encoded.last_hidden_state[row, :length], np.asarray(sequence)[0], atol=1e-5)
        np.testing.assert_allclose(
            encoded.pooled[row], np.asarray(network.encoder.pooled_output(sequence))[0], atol=1e-5
        )
        assert not encoded.last_hidden_state[row, length:].any()
        assert encoded.mask[row].tolist() == [1] * length + [0] * (9 - length)


def test_the_size_of_the_batch_does_not_matter(model):
    texts = ["the cat sat on the mat", "cat", "the mat .", "on"] * 2 + ["sat"]
    whole, parts = model.encode(texts), model.encode(texts, batch=2)
    np.testing.assert_allclose(whole.last_hidden_state, parts.last_hidden_state, atol=1e-5)
    np.testing.assert_allclose(whole.pooled, parts.pooled, atol=1e-5)
    np.testing.assert_array_equal(whole.mask, parts.mask)


def test_one_text_no_text_pairs_and_long_texts(model):
    assert model.encode("the cat").pieces == (("[CLS]", "the", "cat", "[SEP]"),)
    assert model.encode([]).last_hidden_state.shape == (0, 0, 8)
    assert model.encode("").pieces == (("[CLS]", "[SEP]"),)
    pair = model.encode([("the cat", "sat")])
    assert pair.pieces == (("[CLS]", "the", "cat", "[SEP]", "sat", "[SEP]"),)
    one = model.encode(["the cat [SEP] sat"])
    assert np.abs(pair.last_hidden_state - one.last_hidden_state).max() > 1e-4  # its second segment is told apart
    long = model.encode("cat " * 40)
    assert len(long.pieces[0]) == 24
    assert long.pieces[0][-1] == "[SEP]"


def test_gaps_are_filled_by_the_network(model, network):
    gaps = model.fill_mask("the [MASK] sat [MASK]", top=len(PIECES))
    inputs = {
        "input_ids": np.array([[2, 5, 4, 7, 4, 3]], np.int32),
        "input_mask": np.ones((1, 6), np.int32),
        "segment_ids": np.zeros((1, 6), np.int32),
        "masked_lm_positions": np.array([[2, 4]], np.int32),
    }
    expected = logits(network, inputs)["mlm_logits"][0]
    for gap, row in zip(gaps, expected, strict=True):
        assert [PIECES.index(filling.piece) for filling in gap] == np.argsort(-row).tolist()
        assert sum(filling.probability for filling in gap) == pytest.approx(1)


def test_a_model_says_what_it_lacks(folder, tmp_path, network):
    """The folder of an encoder without heads, as others publish them."""
    from safetensors.numpy import load_file, save_file

    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("config.json", "tokenizer.json"):
        (bare / name).write_bytes((folder / name).read_bytes())
    kept = ("bert.embeddings.", "bert.encoder.")
    tensors = {k: v for k, v in load_file(folder / "model.safetensors").items() if k.startswith(kept)}
    save_file(tensors, bare / "model.safetensors")
    model = trainer.load(bare)
    assert model.encode("the cat").pooled is None
    assert model.encode("the cat").last_hidden_state.shape == (1, 4, 8)
    with pytest.raises(trainer.UserError, match="has no masked-LM head"):
        model.fill_mask("the [MASK]")


def test_mistakes_are_one_line(model, folder, tmp_path, monkeypatch):
    (tmp_path / "config.json").write_bytes((folder / "config.json").read_bytes())
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    for call, said in (
        (lambda: trainer.load(tmp_path / "none"), "holds no exported model"),
        (lambda: trainer.load(tmp_path), "tokenizer.json: no such file"),
        (lambda: model.encode("a", batch=0), "batch is 0"),
        (lambda: model.fill_mask("the cat"), r"the text has no [MASK]"),
        (lambda: model.fill_mask("[MASK]", top=0), "top is 0"),
    ):
        with pytest.raises(trainer.UserError) as error:
            call()
        assert said in str(error.value)
        assert "\n" not in str(error.value)


def test_a_backend_that_keras_has_already_is_the_one_that_counts(monkeypatch, folder):
    monkeypatch.delenv("KERAS_BACKEND")
    backend.require_backend()
    trainer.load(folder)
    monkeypatch.setattr("keras.backend.backend", lambda: "torch")  # as in a program that has imported Keras for itself
    with pytest.raises(trainer.UserError, match="Keras runs on torch here, but the trainer runs on jax or tensorflow"):
        trainer.load(folder)
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    with pytest.raises(trainer.UserError, match="KERAS_BACKEND is 'torch'"):
        trainer.load(folder)
