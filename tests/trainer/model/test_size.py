import dataclasses

import pytest

from trainer.model.config import BertConfig
from trainer.model.size import (
    encoder_flops_per_row,
    encoder_parameters,
    flops_per_step,
    parameter_count,
    pretraining_heads,
)
from vocab.model_class import load_model_class


def test_bert_base_and_large_have_the_published_sizes():
    base = BertConfig.from_dict(load_model_class("bert_base_uncased").config)
    assert parameter_count(base, pretraining_heads(base)) == 110_106_428  # bert-base-uncased with all its heads, tied
    assert encoder_parameters(base) == 109_482_240  # transformers' BertModel
    large = BertConfig.from_dict(load_model_class("bert_large_uncased").config)
    assert 335e6 < parameter_count(large, pretraining_heads(large)) < 341e6


def test_flops_are_six_per_parameter_and_piece_plus_attention():
    config = BertConfig(vocab_size=30_522)
    layers = 12 * (4 * 768 * 768 + 2 * 768 * 3072)
    attention = 12 * 2 * 128 * 768
    head = 19 * (768 * 768 + 768 * 30_522)
    pooled, classified = 768 * 768, 2 * 768
    assert encoder_flops_per_row(config, 128) == 2 * (128 * (layers + attention) + pooled)
    wanted = 6 * 2 * (128 * (layers + attention) + head + pooled + classified)
    assert flops_per_step(config, pretraining_heads(config, 19), 2, 128) == wanted


def test_a_factorised_table_is_projected_at_every_piece():
    albert = BertConfig(vocab_size=100, embedding_size=16, share_layers=True)
    bert = BertConfig(vocab_size=100)
    assert encoder_flops_per_row(albert, 8) - encoder_flops_per_row(bert, 8) == 2 * 8 * 16 * 768
    assert pretraining_heads(albert, 3).logit_bytes_per_row == 4 * 3 * 100


@pytest.mark.parametrize(("vocabulary", "saving"), [(30_522, 1.22), (119_547, 1.77)])
def test_the_head_at_masked_positions_only_saves_what_was_measured(vocabulary, saving):
    config = BertConfig(vocab_size=vocabulary)
    all_places, masked = (flops_per_step(config, pretraining_heads(config, count), 1, 128) for count in (128, 19))
    assert all_places / masked == pytest.approx(saving, abs=0.02)


def test_every_label_of_the_second_segment_adds_a_column_to_the_head():
    two = BertConfig(vocab_size=100, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)
    heads, more = pretraining_heads(two), pretraining_heads(dataclasses.replace(two, next_sentence_labels=5))
    assert more.parameters - heads.parameters == 3 * 8 + 3
    assert more.flops_per_row - heads.flops_per_row == 2 * 3 * 8


def test_of_a_network_that_does_not_learn_only_the_forward_pass_counts():
    config = BertConfig(vocab_size=100)
    heads = pretraining_heads(config, 3)
    taught = dataclasses.replace(heads, frozen_flops_per_row=1000, frozen_parameters=7)
    assert flops_per_step(config, taught, 4, 8) - flops_per_step(config, heads, 4, 8) == 4 * 1000
    assert parameter_count(config, taught) == parameter_count(config, heads)
