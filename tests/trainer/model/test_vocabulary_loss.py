"""The loss in blocks of the vocabulary against that of logits in memory: values, gradients, extremes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainer.model.cross_entropy import cross_entropy
from trainer.model.vocabulary_loss import loss_in_blocks, vocabulary_logits, vocabulary_loss

ROWS, UNITS, CLASSES = 12, 16, 119


def arrays(dtype="float32", scale=1.0):
    generator = np.random.default_rng(7)
    x, table, bias = (
        generator.normal(size=shape).astype("float32") for shape in ((ROWS, UNITS), (CLASSES, UNITS), CLASSES)
    )
    labels = generator.integers(0, CLASSES, ROWS)
    labels[:3] = np.argmax(x[:3] @ table.T + bias, axis=-1)  # some are right
    labels[3:6] = CLASSES - 1, 0, CLASSES - 2  # of the first and the last block
    weights = generator.random(ROWS).astype("float32")
    weights[::4] = 0
    return jnp.asarray(x * scale, dtype), jnp.asarray(table), jnp.asarray(bias), jnp.asarray(labels), weights


def in_memory(x, table, bias, labels):
    return cross_entropy(vocabulary_logits(x, table, bias), labels)


def gradients(loss, x, table, bias, labels, weights):
    def weighted(x, table, bias):
        return jnp.sum(loss(x, table, bias, labels)[0] * weights)

    return jax.jit(jax.grad(weighted, argnums=(0, 1, 2)))(x, table, bias)


@pytest.mark.parametrize("width", [0, 118, 40, 7, 1])
def test_blocks_give_what_logits_in_memory_give(width):
    *inputs, weights = arrays()

    def blocks(*inputs):
        return loss_in_blocks(*inputs, width=width)

    for found, wanted in zip(jax.jit(blocks)(*inputs), in_memory(*inputs), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)
    assert 3 <= blocks(*inputs)[1].sum() < ROWS
    found, wanted = gradients(blocks, *inputs, weights), gradients(in_memory, *inputs, weights)
    for one, other in zip(found, wanted, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_the_operands_of_products_are_of_the_dtype_of_the_rows_and_sums_are_float32():
    *inputs, weights = arrays("bfloat16")

    def blocks(*inputs):
        return loss_in_blocks(*inputs, width=40)

    for found, wanted in zip(blocks(*inputs), in_memory(*inputs), strict=True):
        assert found.dtype == "float32"
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)
    found = gradients(blocks, *inputs, weights)
    exact = gradients(in_memory, inputs[0].astype("float32"), *inputs[1:], weights)
    assert [one.dtype for one in found] == ["bfloat16", "float32", "float32"]
    for one, other in zip(found, exact, strict=True):
        np.testing.assert_allclose(one.astype("float32"), other, atol=0.02 * float(jnp.abs(other).max()))
    np.testing.assert_allclose(found[1].sum(axis=0), exact[1].sum(axis=0), atol=0.02)


def test_a_logit_far_above_those_before_does_not_overflow():
    x, table, bias, labels, weights = arrays(scale=100)
    logits = vocabulary_logits(x, table, bias)
    assert (logits.max(axis=-1) - logits[:, 0]).max() > 200
    inputs = (x, table, bias, jnp.zeros_like(labels))

    def blocks(*inputs):
        return loss_in_blocks(*inputs, width=5)

    np.testing.assert_allclose(blocks(*inputs)[0], in_memory(*inputs)[0], rtol=1e-5)
    for one, other in zip(gradients(blocks, *inputs, weights), gradients(in_memory, *inputs, weights), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)


def test_equal_logits_count_as_correct_wherever_the_label_is():
    x, table, bias = jnp.zeros((3, 4)), jnp.zeros((10, 4)), jnp.zeros(10)
    loss, correct = loss_in_blocks(x, table, bias, jnp.array([0, 5, 9]), width=3)
    np.testing.assert_array_equal(correct, np.ones(3))
    np.testing.assert_allclose(loss, np.log(10), rtol=1e-6)


def test_only_a_tpu_computes_in_blocks():
    *inputs, weights = arrays()
    step = jax.jit(lambda *inputs: gradients(vocabulary_loss, *inputs, weights)).trace(*inputs)
    on = {platform: step.lower(lowering_platforms=(platform,)).as_text() for platform in ("cpu", "cuda", "tpu")}
    whole = f"tensor<{ROWS}x{CLASSES}xf32>"
    assert whole in on["cpu"]
    assert whole in on["cuda"]
    assert on["cpu"].count("while") == 0
    assert on["tpu"].count("while") >= 2
