"""DistilBERT's folders: written and read back, and one that transformers itself has saved (`golden/`, by `make_golden.py`)."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from beam_jobs.errors import UserError
from trainer.__main__ import main
from trainer.export.distilbert import load_distilbert, save_distilbert, tensor_names
from trainer.export.load import load_checkpoint
from trainer.export.loaded_model import load_model
from trainer.export.parity import logits
from trainer.export.tokenizer_files import TokenizerSettings
from trainer.export.weight_map import assign_weights
from trainer.finetuning.start import read_start
from trainer.model.bert import build_pretrainer
from trainer.model.config import HEADS

GOLDEN = Path(__file__).parent / "golden" / "distilbert"
INPUTS = ("input_ids", "input_mask", "segment_ids", "masked_lm_positions")
NEVER = ("pooler", "next_sentence")


def save(model, vocabulary_file, folder, **more):
    return save_distilbert(model, vocabulary_file, folder, "# card\n", tokenizer=TokenizerSettings(False), **more)


def network(imported):
    model = build_pretrainer(imported.config)
    assign_weights(model, imported)
    return model


@pytest.fixture(scope="module")
def saved(scaled, config, vocabulary_file, tmp_path_factory):
    folder, model = tmp_path_factory.mktemp("distilbert") / "model", scaled(config)
    assert save(model, vocabulary_file, folder) < 1e-4
    return folder, model


def test_what_transformers_saved_computes_here_what_it_computed_there():
    imported = load_checkpoint(GOLDEN, allow_missing=HEADS)
    assert imported.layout == "DistilBERT"
    assert {name.split("/")[0] for name in imported.initialised} == set(NEVER)
    with np.load(GOLDEN / "case.npz") as case:
        for segments in (np.zeros_like(case["segment_ids"]), case["segment_ids"]):
            found = logits(network(imported), {**{name: case[name] for name in INPUTS}, "segment_ids": segments})
            value = case["mlm_logits"]
            np.testing.assert_allclose(found["mlm_logits"], value, atol=2e-5 * np.abs(value).max())


def test_names_and_config_are_those_of_transformers(saved):
    theirs = set(load_file(GOLDEN / "model.safetensors")) - {"vocab_projector.weight"}
    assert set(tensor_names(load_distilbert(GOLDEN, allow_missing=HEADS).config).values()) == theirs
    content, ours = (json.loads((folder / "config.json").read_text()) for folder in (GOLDEN, saved[0]))
    assert set(ours) - set(content) <= {"torch_dtype"}
    assert (ours["architectures"], ours["model_type"]) == (content["architectures"], content["model_type"])
    tokenizer = json.loads((saved[0] / "tokenizer_config.json").read_text())
    assert tokenizer["model_input_names"] == ["input_ids", "attention_mask"]


def test_texts_of_one_segment_have_the_same_logits_and_pairs_may_not(saved, config):
    folder, model = saved
    read = network(load_distilbert(folder, allow_missing=NEVER))
    draws = np.random.default_rng(5)
    batch = {
        "input_ids": draws.integers(0, config.vocab_size, (2, 40)).astype(np.int32),
        "input_mask": np.ones((2, 40), np.int32),
        "segment_ids": np.zeros((2, 40), np.int32),
        "masked_lm_positions": np.array([[1, 39], [0, 7]], np.int32),
    }
    expected, found = (logits(each, batch)["mlm_logits"] for each in (model, read))
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())
    pairs = {**batch, "segment_ids": np.ones((2, 40), np.int32)}
    assert np.abs(logits(model, pairs)["mlm_logits"] - found).max() > 0.01


def test_a_folder_is_a_model_like_any_other(saved, tmp_path):
    folder, _ = saved
    assert read_start(str(folder)).imported.untrained_heads == NEVER
    assert len(load_model(folder).fill_mask("the [MASK] sat")[0]) == 5
    options = ["--checkpoint", str(folder), "--allow_missing", *NEVER]
    assert main(["export", *options, "--output", str(tmp_path / "bert")]) == 0
    assert main(["export", *options, "--output", str(tmp_path / "again"), "--format", "distilbert"]) == 0
    first, again = (load_file(each / "model.safetensors") for each in (folder, tmp_path / "again"))
    assert first.keys() == again.keys()
    for name, value in first.items():
        np.testing.assert_array_equal(again[name], value, err_msg=name)


def test_the_command_names_only_heads_that_it_wrote(saved, tmp_path, capsys):
    options = ["--checkpoint", str(saved[0]), "--allow_missing", *NEVER, "--format", "distilbert"]
    assert main(["export", *options, "--output", str(tmp_path / "out")]) == 0
    assert "written as distilbert, read back; largest difference" in (printed := capsys.readouterr().out)
    assert "not trained" not in printed
    held = sum(value.size for value in load_file(tmp_path / "out" / "model.safetensors").values())
    assert f"| parameters | {held:,} |" in (tmp_path / "out" / "README.md").read_text()


def test_networks_that_no_distilbert_can_be(scaled, config, albert, vocabulary_file, tmp_path):
    with pytest.raises(UserError, match=r"An ALBERT cannot be written as a DistilBERT; export it as hugging_face"):
        save(scaled(albert), vocabulary_file, tmp_path / "a")
    with pytest.raises(UserError, match=r"layer_norm_eps is 1e-05, and a DistilBERT has always 1e-12"):
        save(scaled(dataclasses.replace(config, layer_norm_eps=1e-5)), vocabulary_file, tmp_path / "a")
    with pytest.raises(UserError, match=r"holds \d+ pieces, but the model has vocab_size 7"):
        save(scaled(dataclasses.replace(config, vocab_size=7)), vocabulary_file, tmp_path / "a")


def test_folders_that_are_not_whole_are_refused(saved, tmp_path):
    import shutil

    shutil.copytree(saved[0], tmp_path / "model")
    tensors = load_file(saved[0] / "model.safetensors")
    word = tensors["distilbert.embeddings.word_embeddings.weight"]

    def with_tensors(changed):
        save_file(changed, tmp_path / "model" / "model.safetensors", metadata={"format": "pt"})
        return load_checkpoint(tmp_path / "model", allow_missing=NEVER)

    less = {name: value for name, value in tensors.items() if "layer.1.ffn.lin2.bias" not in name}
    with pytest.raises(UserError, match=r"lacks distilbert.transformer.layer.1.ffn.lin2.bias"):
        with_tensors(less)
    with pytest.raises(UserError, match=r"holds classifier.weight, which this network has no place for"):
        with_tensors({**tensors, "classifier.weight": word})
    with pytest.raises(UserError, match=r"vocab_projector.weight differs from the word table"):
        with_tensors({**tensors, "vocab_projector.weight": word + 1})
    assert with_tensors({**tensors, "vocab_projector.weight": word}).passed_over == ("vocab_projector.weight",)
