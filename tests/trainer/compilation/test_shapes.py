import dataclasses

import jax
import numpy as np
import pytest

from trainer.compilation.shapes import batch_shapes, state_shapes
from trainer.devices.runtime import JaxRuntime
from trainer.model.bert import build_pretrainer
from trainer.model.config import BertConfig
from trainer.optim.exclusions import rules_by_layer_type
from trainer.optim.optimizers import optimizer_of
from trainer.plans.plan import Phase
from trainer.plans.settings import LearningRate, OptimizerSettings
from trainer.tasks.pretraining import pretraining_of
from trainer.training.step import initial_state, make_train_step

CONFIG = BertConfig(40, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)


@pytest.mark.parametrize("packing", [False, True])
def test_a_step_takes_these_shapes_and_gives_back_the_state(packing):
    runtime = JaxRuntime()
    phase = Phase("p", 64, 4, 10, LearningRate(1e-3), packing=packing)
    model = build_pretrainer(CONFIG, seed=None)
    task, optimizer = pretraining_of(phase), optimizer_of(OptimizerSettings())
    state, batch = state_shapes(model, optimizer, runtime), batch_shapes(phase, 2, runtime)
    step = make_train_step(model, task, optimizer, rules_by_layer_type(model))
    after, metrics = jax.eval_shape(step, state, batch, np.float32(0))
    shapes = [(value.shape, value.dtype) for value in jax.tree.leaves(state)]
    assert [(value.shape, value.dtype) for value in jax.tree.leaves(after)] == shapes
    assert [(np.shape(value), value.dtype) for value in jax.tree.leaves(initial_state(model, optimizer))] == shapes
    assert batch["input_ids"].shape == (2, 2, 64)
    assert batch["masked_lm_weights"].dtype == np.float32
    assert batch["next_sentence_labels"].shape == ((2, 2, 2) if packing else (2, 2))
    assert ("cls_positions" in batch) == packing
    assert metrics["loss"].shape == ()


def test_nothing_is_drawn():
    model = build_pretrainer(CONFIG, seed=None)
    assert not np.asarray(model.encoder.embeddings.word_table.value).any()


def test_sharded_moments_have_the_shapes_of_their_parts():
    runtime = JaxRuntime(JaxRuntime().devices[:1] * 8, shard_moments=True)
    model = build_pretrainer(dataclasses.replace(CONFIG, vocab_size=131, hidden_size=128), seed=None)
    optimizer = optimizer_of(OptimizerSettings())
    state, table = state_shapes(model, optimizer, runtime), model.encoder.embeddings.word_table.path
    moment = state["optimizer"]["first_moment"][table]
    assert (moment.shape, moment.sharding.shard_shape(moment.shape)) == ((136, 128), (17, 128))
    assert state["weights"][table].shape == (131, 128)
    assert state["weights"][table].sharding.is_fully_replicated
