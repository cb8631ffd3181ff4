import dataclasses

import keras
import numpy as np
import pytest

from trainer.model.bert import build_pretrainer
from trainer.model.config import BertConfig
from trainer.model.task_heads import ANSWER, CLASSIFIER, TaskHead, build_with_task_head, task_head_size

CONFIG = BertConfig(
    vocab_size=40,
    hidden_size=8,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=12,
    initializer_range=0.5,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
)
ON_TEXT = TaskHead(CLASSIFIER, 3, on_pieces=False, dropout=0.5)
ON_PIECES = TaskHead(ANSWER, 2, on_pieces=True, dropout=0.5)
IDS = np.random.default_rng(0).integers(1, 40, (4, 6)).astype(np.int32)


def inputs(rows=slice(None), **more):
    ids = IDS[rows]
    return {"input_ids": ids, "input_mask": np.ones_like(ids), "segment_ids": np.zeros_like(ids), **more}


def logits(model, batch, training=False, calls=0):
    """With dropout: those of the call number `calls` of the model."""
    state = [np.array([7, calls], np.uint32)]
    weights = [variable.value for variable in model.trainable_variables]
    return np.asarray(model.stateless_call(weights, state, batch, training=training)[0]["logits"])


def test_one_row_of_logits_for_a_text_or_for_each_piece():
    assert logits(build_with_task_head(ON_TEXT, CONFIG), inputs()).shape == (4, 3)
    assert logits(build_with_task_head(ON_PIECES, CONFIG), inputs()).shape == (4, 6, 2)


def test_weights_have_the_names_and_draws_of_pretraining_and_a_head_on_pieces_has_no_pooler():
    pretrained = {v.path: np.asarray(v) for v in build_pretrainer(CONFIG, seed=3).trainable_variables}
    model = {v.path: np.asarray(v) for v in build_with_task_head(ON_TEXT, CONFIG, seed=3).trainable_variables}
    assert set(model) - set(pretrained) == {"bert/classifier/kernel", "bert/classifier/bias"}
    for path in set(model) & set(pretrained):
        np.testing.assert_array_equal(model[path], pretrained[path], err_msg=path)
    assert 0 < np.abs(model["bert/classifier/kernel"]).max() <= 1.0
    on_pieces = {v.path for v in build_with_task_head(ON_PIECES, CONFIG).trainable_variables}
    assert {path for path in on_pieces if "pooler" in path} == set()
    assert "bert/answer/kernel" in on_pieces


@pytest.mark.parametrize("head", [ON_TEXT, ON_PIECES], ids=["text", "pieces"])
def test_dropout_before_the_head_follows_from_seed_update_row_and_element(head):
    model = build_with_task_head(head, CONFIG)
    plain, dropped = logits(model, inputs()), logits(model, inputs(), training=True)
    assert np.abs(plain - dropped).min() > 0 or np.abs(plain - dropped).max() > 0.01
    np.testing.assert_array_equal(dropped, logits(model, inputs(), training=True))
    assert np.abs(dropped - logits(model, inputs(), training=True, calls=1)).max() > 0.01, "another update"
    part = logits(model, inputs(slice(2, 4), row_ids=np.array([2, 3], np.uint32)), training=True)
    np.testing.assert_allclose(part, dropped[2:4], rtol=1e-5, atol=1e-6)
    again = logits(build_with_task_head(dataclasses.replace(head, dropout=0.0), CONFIG), inputs(), training=True)
    np.testing.assert_allclose(again, plain, rtol=1e-5, atol=1e-6)


def test_logits_are_float32_in_bfloat16_too():
    model = build_with_task_head(ON_TEXT, CONFIG, compute_dtype="bfloat16")
    assert keras.backend.standardize_dtype(model(inputs())["logits"].dtype) == "float32"


@pytest.mark.parametrize(("head", "places"), [(ON_TEXT, 1), (ON_PIECES, 6)], ids=["text", "pieces"])
def test_the_size_is_that_of_the_head(head, places):
    size = task_head_size(head, CONFIG, 6)
    model = build_with_task_head(head, CONFIG)
    assert size.parameters == sum(v.value.size for v in model.heads[head.name].trainable_variables)
    assert size.flops_per_row == 2 * places * head.outputs * 8
    assert size.logit_bytes_per_row == 4 * places * head.outputs
