import dataclasses

import numpy as np
import pytest
from tiny_run import TINY, tiny_plan

from beam_jobs.errors import UserError
from trainer.export.weight_map import ImportedModel
from trainer.model.config import BertConfig
from trainer.run.model_source import ModelSource
from trainer.training import initial_network as module
from trainer.training.initial_network import initial_network

CONFIG = BertConfig(**TINY)
SOURCE = ModelSource("tiny", CONFIG, "", False)


def begun_from(checkpoint):
    plan = tiny_plan()
    return dataclasses.replace(plan, init=dataclasses.replace(plan.init, checkpoint=checkpoint))


def test_without_a_checkpoint_the_network_is_the_sources():
    assert initial_network(tiny_plan(), SOURCE, "out", None) == (CONFIG, None)


def test_the_network_follows_the_checkpoint(monkeypatch):
    config = dataclasses.replace(CONFIG, layer_norm_eps=1e-5)
    there = ImportedModel(config, {"w": np.zeros(1)}, "x", "there")
    monkeypatch.setattr(module, "read_initial", lambda init: there)
    assert initial_network(begun_from("there"), SOURCE, "out", None) == (config, there)


def test_sequences_that_are_longer_than_the_positions_are_refused():
    source = dataclasses.replace(SOURCE, config=dataclasses.replace(CONFIG, max_position_embeddings=12))
    with pytest.raises(UserError, match="phase long has sequence_length 16, but the model has only 12 positions"):
        initial_network(tiny_plan(), source, "out", None)


def test_a_run_that_has_begun_keeps_what_it_followed(monkeypatch):
    followed = {**CONFIG.to_dict(), "layer_norm_eps": 1e-5}
    identity = {"run": {"config": followed, "init": "there", "init_weights": "0"}, "phases": []}
    monkeypatch.setattr(module, "read_identity", lambda output: identity)
    monkeypatch.setattr(module, "init_difference", lambda *given: "")
    config, imported = initial_network(begun_from("there"), SOURCE, "out", 5)
    assert (config.layer_norm_eps, imported) == (1e-5, None)
    monkeypatch.setattr(module, "init_difference", lambda *given: "init is 'there' there and holds other weights now")
    with pytest.raises(UserError, match="out holds another run: init is 'there' there and holds other weights now"):
        initial_network(begun_from("there"), SOURCE, "out", 5)


def test_a_runs_output_can_be_begun_from(monkeypatch):
    monkeypatch.setattr(module, "is_run_folder", lambda path: path == "run")
    monkeypatch.setattr(module, "read_run", lambda path: "a run")
    monkeypatch.setattr(module, "load_checkpoint", lambda path, allow_missing: ("a checkpoint", allow_missing))
    assert module.read_initial(begun_from("run").init) == "a run"
    init = dataclasses.replace(begun_from("x").init, allow_missing=("pooler",))
    assert module.read_initial(init) == ("a checkpoint", ("pooler",))
