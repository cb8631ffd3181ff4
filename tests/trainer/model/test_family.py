"""What sets a family of networks apart, in its network and in its config file."""

import dataclasses

import numpy as np
import pytest

from beam_jobs.errors import UserError
from trainer.model import config as config_module
from trainer.model.bert import build_pretrainer
from trainer.model.config import BertConfig
from trainer.model.family import ALBERT, BERT, FAMILIES, ROBERTA

TINY = {
    "vocab_size": 40,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 12,
}


def test_a_factorised_word_table_makes_an_albert():
    assert BertConfig(**TINY).family is BERT
    assert BertConfig(**TINY, share_layers=True).family is BERT
    assert BertConfig(**TINY, embedding_size=8).family is ALBERT
    assert BertConfig(**TINY, embedding_size=16).family is ALBERT
    assert list(FAMILIES) == ["bert", "albert", "roberta"]


def test_a_roberta_is_told_by_its_model_type():
    sizes = {key: value for key, value in TINY.items() if key != "max_position_embeddings"}
    config = BertConfig.from_dict({**sizes, "model_type": "roberta"})
    assert (config.family, config.longest_text, config.type_vocab_size) == (ROBERTA, 512, 1)
    assert BertConfig.from_dict(config.to_dict()) == config
    assert "model_type" not in BertConfig(**TINY).to_dict()
    for wrong in ({"hidden_act": "gelu_new"}, {"embedding_size": 8}, {"max_position_embeddings": 2}):
        with pytest.raises(UserError, match=rf"x: {next(iter(wrong)).replace('embedding_size', 'model_type')}"):
            BertConfig.from_dict({**sizes, "model_type": "roberta", **wrong}, "x")


def test_an_alberts_config_file_names_groups_of_layers():
    albert = {**TINY, "model_type": "albert", "num_hidden_layers": 3}
    assert BertConfig.from_dict(albert).share_layers
    assert BertConfig.from_dict(albert).embedding_size == 128
    unshared = BertConfig.from_dict({**albert, "num_hidden_groups": 3, "embedding_size": 8})
    assert (unshared.share_layers, unshared.embedding_size) == (False, 8)
    with pytest.raises(UserError, match=r"x: num_hidden_groups is 2; only 1 and num_hidden_layers \(3\) are supported"):
        BertConfig.from_dict({**albert, "num_hidden_groups": 2}, "x")


def test_positions_can_begin_at_a_later_row(monkeypatch):
    """As RoBERTa's do: its first two rows are not those of a piece."""
    inputs = {name: np.ones((1, 10), np.int32) for name in ("input_ids", "input_mask")}
    inputs["segment_ids"] = np.zeros((1, 10), np.int32)
    own = build_pretrainer(BertConfig(**TINY))
    table = own.encoder.embeddings.position_table
    wanted = own.encoder.sequence_output(inputs)

    monkeypatch.setattr(config_module, "BERT", dataclasses.replace(BERT, first_position=2))
    later = build_pretrainer(BertConfig(**TINY))
    assert later.config.longest_text == 10
    later.encoder.embeddings.position_table.assign(np.roll(np.asarray(table), 2, axis=0))
    np.testing.assert_array_equal(later.encoder.sequence_output(inputs), wanted)
    given = later.encoder.sequence_output({**inputs, "position_ids": np.arange(10, dtype=np.int32)[None]})
    np.testing.assert_array_equal(given, wanted)
