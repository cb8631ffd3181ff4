"""Folders that transformers itself has saved (`golden/`, by `make_golden.py`), read without it: the same weights by its
names, and the logits that it computed."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from trainer.export.load import load_checkpoint
from trainer.export.parity import logits
from trainer.export.weight_map import assign_weights
from trainer.model.bert import build_pretrainer

GOLDEN = Path(__file__).parent / "golden"
INPUTS = ("input_ids", "input_mask", "segment_ids", "masked_lm_positions")
NETWORK = {
    "vocab_size": 24,
    "hidden_size": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 12,
    "max_position_embeddings": 16,
    "type_vocab_size": 2,
    "hidden_act": "gelu_new",
    "layer_norm_eps": 1e-12,
}


@pytest.mark.parametrize("name", ["bert", "albert"])
def test_what_transformers_saved_computes_here_what_it_computed_there(name):
    imported = load_checkpoint(GOLDEN / name)
    assert imported.initialised == ()
    config = dataclasses.asdict(imported.config)
    assert {key: config[key] for key in NETWORK} == NETWORK
    assert (config["embedding_size"], config["share_layers"]) == ((6, True) if name == "albert" else (None, False))
    model = build_pretrainer(imported.config)
    assign_weights(model, imported)
    with np.load(GOLDEN / name / "case.npz") as case:
        found = logits(model, {key: case[key] for key in INPUTS})
        for head in ("mlm_logits", "nsp_logits"):
            value = case[head]
            np.testing.assert_allclose(found[head], value, atol=2e-5 * np.abs(value).max(), err_msg=head)


def test_a_roberta_of_transformers_computes_here_what_it_computed_there():
    imported = load_checkpoint(GOLDEN / "roberta")
    assert {name.split("/")[0] for name in imported.initialised} == {"pooler", "next_sentence"}
    assert (imported.config.longest_text, imported.config.type_vocab_size) == (16, 1)
    model = build_pretrainer(imported.config)
    assign_weights(model, imported)
    with np.load(GOLDEN / "roberta" / "case.npz") as case:
        found, wanted = logits(model, {key: case[key] for key in INPUTS})["mlm_logits"], case["mlm_logits"]
    np.testing.assert_allclose(found, wanted, atol=1e-5 * np.abs(wanted).max())


def test_the_names_in_the_golden_files_are_those_of_the_lists():
    """`layouts/hugging_face_*.txt` say what transformers calls a tensor; here is what it did call them."""
    for name in ("bert", "albert", "roberta"):
        listed = (Path(__file__).parent / "layouts" / f"hugging_face_{name}.txt").read_text().splitlines()
        saved = set(load_file(GOLDEN / name / "model.safetensors"))
        tied = {"cls.predictions.decoder.weight", "cls.predictions.decoder.bias", "predictions.decoder.bias"}
        tied |= {"lm_head.decoder.weight", "lm_head.decoder.bias"}
        assert saved - tied == {line.split()[1] for line in listed}


def test_the_configs_are_those_of_the_library():
    content = {name: json.loads((GOLDEN / name / "config.json").read_text()) for name in ("bert", "albert")}
    assert content["bert"]["architectures"] == ["BertForPreTraining"]
    assert content["albert"]["architectures"] == ["AlbertForPreTraining"]
