"""A RoBERTa from import to export: its folder, its tokenizer, what is refused."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from beam_jobs.__main__ import main as jobs
from beam_jobs.errors import UserError
from tests.subword_files import TEXT, byte_level_tokenizer, write_byte_level_files, write_tokenizer
from trainer.__main__ import main
from trainer.export.hugging_face import load_hugging_face, save_hugging_face
from trainer.export.loaded_model import load_model
from trainer.export.weight_map import read_weights

pytestmark = pytest.mark.usefixtures("quick_compilation")
NOT_THERE = {"pooler", "next_sentence"}


@pytest.fixture(scope="module")
def large_enough(roberta):
    return dataclasses.replace(roberta, vocab_size=600)


@pytest.fixture(scope="module")
def folder(large_enough, scaled, tmp_path_factory):
    """A RoBERTa as Hugging Face lays it out, without a tokenizer.json."""
    folder = tmp_path_factory.mktemp("roberta")
    vocabulary = write_byte_level_files(folder / "vocabulary", byte_level_tokenizer())
    save_hugging_face(scaled(large_enough), large_enough, vocabulary, False, folder / "model", "card")
    return folder / "model"


def test_the_folder_is_one_of_roberta_for_masked_lm(folder, large_enough, scaled):
    content = json.loads((folder / "config.json").read_text())
    assert (content["architectures"], content["model_type"]) == (["RobertaForMaskedLM"], "roberta")
    assert (content["pad_token_id"], content["max_position_embeddings"], content["type_vocab_size"]) == (1, 42, 1)
    listed = (Path(__file__).parent / "layouts" / "hugging_face_roberta.txt").read_text().splitlines()
    assert set(load_file(folder / "model.safetensors")) == {line.split()[1] for line in listed}
    imported, model = load_hugging_face(folder), scaled(large_enough)
    assert imported.config == large_enough
    for name, value in read_weights(model).items():
        if name.split("/")[0] in NOT_THERE:
            assert name not in imported.weights
        else:
            np.testing.assert_array_equal(imported.weights[name], value)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    assert (settings["tokenizer_class"], settings["mask_token"]) == ("RobertaTokenizer", "<mask>")
    assert settings["model_max_length"] == 40
    assert Tokenizer.from_file(str(folder / "tokenizer.json")).encode("the").tokens[0] == "<s>"
    assert {path.name for path in folder.iterdir()} >= {"vocab.json", "merges.txt"}


def test_an_export_of_a_checkpoint_keeps_its_tokenizer(folder, tmp_path, capsys):
    (tmp_path / "theirs").mkdir()
    for name in ("config.json", "model.safetensors", "vocab.json", "merges.txt"):
        (tmp_path / "theirs" / name).write_bytes((folder / name).read_bytes())
    assert main(["export", "--checkpoint", str(tmp_path / "theirs"), "--output", str(tmp_path / "out")]) == 0
    for name in ("vocab.json", "merges.txt"):
        assert (tmp_path / "out" / name).read_bytes() == (folder / name).read_bytes()
    assert load_file(tmp_path / "out" / "model.safetensors").keys() == load_file(folder / "model.safetensors").keys()
    said = capsys.readouterr().out
    assert "not trained" not in said
    assert 'mask_token: "<mask>"' in (tmp_path / "out" / "README.md").read_text()
    model = load_model(tmp_path / "out")
    assert len(model.fill_mask("the <mask> of", top=2)[0]) == 2
    with pytest.raises(UserError, match="the text has no <mask>"):
        model.fill_mask("the [MASK]")


def test_a_pooler_that_is_there_is_read(folder, tmp_path):
    tensors = load_file(folder / "model.safetensors")
    tensors["roberta.pooler.dense.weight"] = np.ones((32, 32), np.float32)
    tensors["roberta.pooler.dense.bias"] = np.ones(32, np.float32)
    tensors["lm_head.decoder.weight"] = tensors["roberta.embeddings.word_embeddings.weight"]
    save_file(tensors, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_bytes((folder / "config.json").read_bytes())
    imported = load_hugging_face(tmp_path)
    assert {name.split("/")[0] for name in imported.initialised} == {"next_sentence"}
    assert imported.weights["pooler/bias"].sum() == 32


def test_what_does_not_fit_is_one_line(folder, large_enough, scaled, tmp_path, capsys):
    content = json.loads((folder / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**content, "pad_token_id": 0}))
    with pytest.raises(UserError, match="pad_token_id is 0, but positions of a RoBERTa count from 2"):
        load_hugging_face(tmp_path)
    command = ["export", "--checkpoint", str(folder), "--output", str(tmp_path / "o"), "--format", "model_garden"]
    assert main(command) == 2
    assert "--format model_garden: there is no such form of a RoBERTa" in capsys.readouterr().err
    path = write_tokenizer(tmp_path / "swapped", byte_level_tokenizer())
    swapped = json.loads(path.read_text())
    vocab = swapped["model"]["vocab"]
    vocab["<s>"], vocab["<pad>"] = 1, 0
    for token in swapped["added_tokens"]:
        token["id"] = vocab[token["content"]]
    swapped["added_tokens"].sort(key=lambda token: token["id"])
    path.write_text(json.dumps(swapped))
    with pytest.raises(UserError, match="<pad> has the id 0, but positions of a RoBERTa count from 2"):
        save_hugging_face(scaled(large_enough), large_enough, path, False, tmp_path / "out", "card")


def test_pretraining_goes_on_from_a_folder_and_is_exported_with_its_tokenizer(folder, tmp_path, capsys):
    sentences = tmp_path / "sentences.txt"
    sentences.write_text("\n\n".join(text[:2000].replace(". ", ".\n") for text in TEXT[:20]))
    command = ["--input", str(sentences), "--model_class", str(folder), "--output", str(tmp_path / "data")]
    shape = ["--objective", "full_sentences", "--masking", "dynamic", "--max_seq_length", "32", "--max_num_cpus", "1"]
    assert jobs(["instances", *command, *shape]) == 0
    (tmp_path / "plan.toml").write_text(PLAN.replace("FOLDER", str(folder)))
    where = ["--data", str(tmp_path / "data"), "--output", str(tmp_path / "run"), "--no-tensorboard"]
    assert main(["pretrain", "--plan", str(tmp_path / "plan.toml"), *where]) == 0
    assert main(["export", "--run", str(tmp_path / "run"), "--output", str(tmp_path / "out")]) == 0
    before, after = load_hugging_face(folder), load_hugging_face(tmp_path / "out")
    assert after.config == before.config
    changed = [name for name in before.weights if not np.array_equal(before.weights[name], after.weights[name])]
    assert len(changed) == len(before.weights)
    one, two = (Tokenizer.from_file(str(place / "tokenizer.json")) for place in (folder, tmp_path / "out"))
    assert one.encode(TEXT[0]).ids == two.encode(TEXT[0]).ids
    assert "not trained" not in capsys.readouterr().out
    assert len(load_model(tmp_path / "out").fill_mask("the <mask> of", top=2)[0]) == 2


PLAN = """
name = "tiny"
description = "two updates of a tiny RoBERTa"
[model]
model_class = "data"
[init]
checkpoint = "FOLDER"
[optimizer]
name = "adamw"
[checkpoint]
every = 2
[[phase]]
name = "32"
sequence_length = 32
batch = 8
steps = 2
next_sentence_weight = 0.0
max_predictions = 5
learning_rate = { peak = 1e-3 }
evaluation = { batches = 0 }
"""
