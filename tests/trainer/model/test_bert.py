import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainer.model import embeddings, encoder
from trainer.model.attention import einsum
from trainer.model.bert import build_pretrainer
from trainer.model.config import BertConfig
from trainer.model.precision import einsum_float32
from trainer.model.size import parameter_count, pretraining_heads

TINY = BertConfig(
    vocab_size=100,
    hidden_size=32,
    num_hidden_layers=2,
    num_attention_heads=4,
    intermediate_size=64,
    max_position_embeddings=48,
    initializer_range=0.16,
)


COMPILED = {}


def run(model, inputs, training=False):
    if (model, training) not in COMPILED:
        COMPILED[model, training] = jax.jit(functools.partial(model.stateless_call, training=training))
    values = [v.value for v in model.trainable_variables]
    state = [v.value for v in model.non_trainable_variables]
    arrays = {name: np.asarray(value, np.int32) for name, value in inputs.items()}
    outputs, state = COMPILED[model, training](values, state, arrays)
    return {name: np.asarray(value) for name, value in outputs.items()}, [np.asarray(value) for value in state]


def row(ids, length, segments=None):
    padding = [0] * (length - len(ids))
    return {
        "input_ids": [*ids, *padding],
        "input_mask": [1] * len(ids) + padding,
        "segment_ids": [*(segments or [0] * len(ids)), *padding],
    }


def rows(*several, **more):
    return {name: [one[name] for one in several] for name in several[0]} | more


@pytest.fixture(scope="module")
def model():
    return build_pretrainer(TINY)


def test_shapes_and_dtypes_of_the_logits(model):
    inputs = rows(row([1, 2, 3], 8), row([4, 5], 8), masked_lm_positions=[[0, 1], [1, 0]])
    outputs, _ = run(model, inputs)
    assert {name: (value.shape, value.dtype.name) for name, value in outputs.items()} == {
        "mlm_logits": ((2, 2, 100), "float32"),
        "nsp_logits": ((2, 2), "float32"),
    }
    outputs, _ = run(model, {name: value for name, value in inputs.items() if name != "masked_lm_positions"})
    assert set(outputs) == {"nsp_logits"}


def test_padding_and_what_stands_there_change_nothing(model):
    short = rows(row([5, 6, 7, 8, 9], 5), masked_lm_positions=[[1, 4]])
    padded = rows(row([5, 6, 7, 8, 9], 12), masked_lm_positions=[[1, 4]])
    padded["input_ids"][0][7] = 55
    expected, found = run(model, short)[0], run(model, padded)[0]
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, atol=1e-5)


def test_a_packed_row_computes_what_its_documents_compute_alone(model):
    first, second = [11, 12, 13, 14, 15], [21, 22, 23]
    alone = rows(row(first, 5, [0, 0, 0, 1, 1]), row(second, 5, [0, 1, 1]), masked_lm_positions=[[1, 3], [2, 0]])
    packed = rows(
        row([*first, *second], 10, [0, 0, 0, 1, 1, 0, 1, 1]),
        masked_lm_positions=[[1, 3, 7, 5]],
        position_ids=[[0, 1, 2, 3, 4, 0, 1, 2, 0, 0]],
        block_ids=[[1, 1, 1, 1, 1, 2, 2, 2, 0, 0]],
        cls_positions=[[0, 5, 0]],
    )
    expected, found = run(model, alone)[0], run(model, packed)[0]
    assert found["nsp_logits"].shape == (1, 3, 2)
    np.testing.assert_allclose(found["nsp_logits"][0, :2], expected["nsp_logits"], atol=1e-5)
    np.testing.assert_allclose(found["mlm_logits"][0, :2], expected["mlm_logits"][0], atol=2e-5)
    np.testing.assert_allclose(found["mlm_logits"][0, 2:], expected["mlm_logits"][1], atol=2e-5)
    del packed["block_ids"]  # the test can fail: without blocks the documents see each other
    assert np.abs(run(model, packed)[0]["mlm_logits"] - found["mlm_logits"]).max() > 0.01


def test_the_whole_random_state_is_the_seed_generators(model):
    inputs = rows(row(list(range(1, 9)), 8), masked_lm_positions=[[1, 2]])
    first, state = run(model, inputs, training=True)
    again, _ = run(model, inputs, training=True)
    assert [value.shape for value in state] == [(2,)]
    np.testing.assert_array_equal(first["mlm_logits"], again["mlm_logits"])
    model.encoder.seed_generator.state.assign(state[0])
    later, _ = run(model, inputs, training=True)
    assert np.abs(later["mlm_logits"] - first["mlm_logits"]).max() > 0.01
    assert np.array_equal(run(model, inputs)[1][0], state[0])  # no dropout, no draw


@pytest.mark.parametrize("rematerialise", [False, True])
def test_every_use_of_dropout_at_every_step_has_a_key_of_its_own(monkeypatch, rematerialise):
    keys = []

    def recorded(x, rate, key, rows):
        jax.debug.callback(lambda value: keys.append(tuple(value.tolist())), key)
        return x

    for module in (einsum, encoder, embeddings):
        monkeypatch.setattr(module, "dropout", recorded)
    model = build_pretrainer(TINY, rematerialise=rematerialise)
    inputs = rows(row([1, 2, 3], 3), masked_lm_positions=[[1]])
    for step in (1, 2):
        _, state = run(model, inputs, training=True)
        model.encoder.seed_generator.state.assign(state[0])
        jax.effects_barrier()
        assert len(keys) == len(set(keys)) == step * (1 + 3 * TINY.num_hidden_layers)


def test_weights_are_drawn_from_the_seed_alone(model):
    same, other = build_pretrainer(TINY), build_pretrainer(TINY, seed=1)
    for a, b, c in zip(model.trainable_variables, same.trainable_variables, other.trainable_variables, strict=True):
        a, b, c = a.numpy(), b.numpy(), c.numpy()
        assert np.array_equal(a, b)
        assert a.ndim == 1 or not np.array_equal(a, c)


def test_weights_are_a_normal_distribution_cut_at_two_deviations():
    config = dataclasses.replace(TINY, vocab_size=20_000, initializer_range=0.02)
    table = build_pretrainer(config).encoder.embeddings.word_table.numpy()
    assert np.abs(table).max() <= 0.04
    assert table.std() == pytest.approx(0.02 * 0.8796, rel=0.01)  # the deviation that the cut leaves
    assert abs(table.mean()) < 1e-4


def test_parameter_count_is_the_number_of_numbers(model):
    albert = dataclasses.replace(TINY, embedding_size=16, share_layers=True)
    for config, built in ((TINY, model), (albert, build_pretrainer(albert))):
        numbers = sum(int(np.prod(v.shape)) for v in built.trainable_variables)
        assert parameter_count(config, pretraining_heads(config)) == numbers


def test_albert_shares_one_layer_and_learns_it_from_every_depth():
    config = dataclasses.replace(TINY, embedding_size=16, share_layers=True, num_hidden_layers=3)
    shared = build_pretrainer(config)
    names = {v.path for v in shared.trainable_variables}
    assert not any("layer_1" in name for name in names)
    assert "bert/embeddings/projection/kernel" in names
    unshared = build_pretrainer(dataclasses.replace(config, share_layers=False))
    for variable in unshared.trainable_variables:
        source = variable.path.replace("layer_1/", "layer_0/").replace("layer_2/", "layer_0/")
        variable.assign(next(v for v in shared.trainable_variables if v.path == source))
    inputs = rows(row(list(range(1, 9)), 8), masked_lm_positions=[[1, 2]])
    expected, found = run(unshared, inputs)[0], run(shared, inputs)[0]
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, atol=1e-5)


def test_variables_are_float32_whatever_the_compute_dtype():
    model = build_pretrainer(TINY, compute_dtype="bfloat16")
    assert {v.dtype for v in model.trainable_variables} == {"float32"}
    inputs = rows(row(list(range(1, 9)), 8), masked_lm_positions=[[1, 2]])
    outputs, _ = run(model, inputs)
    assert {value.dtype.name for value in outputs.values()} == {"float32"}
    logits = outputs["mlm_logits"]
    assert not np.array_equal(logits, np.asarray(jnp.asarray(logits, jnp.bfloat16), np.float32))  # not rounded to bf16


def test_bf16_products_in_float32_have_the_gradients_of_the_product():
    draws = np.random.default_rng(0)
    x, table = (jnp.asarray(draws.standard_normal(shape), jnp.bfloat16) for shape in ((2, 3, 8), (5, 8)))
    weights = draws.standard_normal((2, 3, 5)).astype(np.float32)

    def ours(x, table):
        return jnp.sum(einsum_float32("bpe,ve->bpv", x, table) * weights)

    def plain(x, table):
        return jnp.sum(jnp.einsum("bpe,ve->bpv", x, table) * weights)

    assert einsum_float32("bpe,ve->bpv", x, table).dtype == jnp.float32
    found = jax.grad(ours, (0, 1))(x, table)
    expected = jax.grad(plain, (0, 1))(x.astype(jnp.float32), table.astype(jnp.float32))
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == jnp.bfloat16
        np.testing.assert_allclose(np.asarray(a, np.float32), b, atol=0.03 * float(jnp.abs(b).max()))
